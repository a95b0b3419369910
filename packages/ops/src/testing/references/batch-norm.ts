import { type NdArray, ndArray } from './nd-array.ts';

/** Batch-norm by the batch's statistics over all dimensions but the last; the variance is divided by n. */
export function batchNormReference(
  x: NdArray,
  gamma: NdArray,
  beta: NdArray,
  epsilon: number,
): { output: NdArray; mean: NdArray; variance: NdArray } {
  const channels = gamma.data.length;
  const count = x.data.length / channels;
  const [output, mean, variance] = [ndArray(x.shape), ndArray([channels]), ndArray([channels])];
  for (let c = 0; c < channels; c++) {
    for (let i = c; i < x.data.length; i += channels) mean.data[c]! += x.data[i]! / count;
    for (let i = c; i < x.data.length; i += channels) variance.data[c]! += (x.data[i]! - mean.data[c]!) ** 2 / count;
    for (let i = c; i < x.data.length; i += channels) {
      const normalised = (x.data[i]! - mean.data[c]!) / Math.sqrt(variance.data[c]! + epsilon);
      output.data[i] = gamma.data[c]! * normalised + beta.data[c]!;
    }
  }
  return { output, mean, variance };
}

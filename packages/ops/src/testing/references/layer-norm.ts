import { type NdArray, ndArray } from './nd-array.ts';

/** Layer-norm over the last dimension. */
export function layerNormReference(x: NdArray, gamma: NdArray, beta: NdArray, epsilon: number): NdArray {
  const channels = gamma.data.length;
  const output = ndArray(x.shape);
  for (let row = 0; row < x.data.length; row += channels) {
    let mean = 0;
    let variance = 0;
    for (let c = 0; c < channels; c++) mean += x.data[row + c]! / channels;
    for (let c = 0; c < channels; c++) variance += (x.data[row + c]! - mean) ** 2 / channels;
    for (let c = 0; c < channels; c++) {
      const normalised = (x.data[row + c]! - mean) / Math.sqrt(variance + epsilon);
      output.data[row + c] = gamma.data[c]! * normalised + beta.data[c]!;
    }
  }
  return output;
}

import { type NdArray, ndArray } from './nd-array.ts';

/** Rows of a table. */
export function embeddingLookupReference(table: NdArray, indices: readonly number[]): NdArray {
  const depth = table.shape[1]!;
  const output = ndArray([indices.length, depth]);
  indices.forEach((row, i) => {
    output.data.set(table.data.subarray(row * depth, (row + 1) * depth), i * depth);
  });
  return output;
}

/** `-sum_c targets[c] log softmax(logits)[c]` for each row. */
export function softTargetCrossEntropyReference(logits: NdArray, targets: NdArray): NdArray {
  const [batch, classes] = logits.shape as [number, number];
  const output = ndArray([batch]);
  for (let row = 0; row < batch; row++) {
    const z = logits.data.subarray(row * classes, (row + 1) * classes);
    const largest = Math.max(...z);
    const logTotal = largest + Math.log(z.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    z.forEach((value, c) => {
      output.data[row]! += targets.data[row * classes + c]! * (logTotal - value);
    });
  }
  return output;
}

import { type NdArray, ndArray } from './nd-array.ts';

/** `softmax(scale query key') value` for each batch and head; all [batch, heads, tokens, depth]. */
export function attentionReference(query: NdArray, key: NdArray, value: NdArray, scale: number): NdArray {
  const [tokens, depth] = query.shape.slice(-2) as [number, number];
  const output = ndArray(query.shape);
  for (let head = 0; head < query.data.length; head += tokens * depth) {
    for (let i = 0; i < tokens; i++) {
      const scores = new Float64Array(tokens);
      for (let j = 0; j < tokens; j++) {
        for (let d = 0; d < depth; d++) {
          scores[j]! += scale * query.data[head + i * depth + d]! * key.data[head + j * depth + d]!;
        }
      }
      const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let j = 0; j < tokens; j++) {
        for (let d = 0; d < depth; d++) {
          output.data[head + i * depth + d]! += (weights[j]! / total) * value.data[head + j * depth + d]!;
        }
      }
    }
  }
  return output;
}

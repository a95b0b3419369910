import type { ImageArray } from '@kd/core';

const total = (values: Float32Array | Uint8Array): number => Array.from(values).reduce((a, b) => a + b, 0);

/** How much of a picture's ink is elsewhere or of another darkness in another picture, as a share of it. */
export function inkDifference(found: ImageArray, expected: ImageArray): number {
  return total(found.data.map((ink, i) => Math.abs(ink - expected.data[i]!))) / total(expected.data);
}

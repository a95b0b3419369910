import type { ImageArray } from '@kd/core';

/** The random images of fixtures/noise.py. */
export function pillowNoise(shape: readonly [number, number, number], seed: number): ImageArray {
  const data = new Uint8Array(shape[0] * shape[1] * shape[2]);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const value = state >>> 24;
    data[i] = value < 40 ? 0 : value > 215 ? 255 : value;
  }
  return { data, shape };
}

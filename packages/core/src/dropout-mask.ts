import { KdError } from './errors.ts';
import { philox4x32 } from './philox.ts';
import { hash32, keyOf } from './random.ts';
import type { StepContext } from './step-context.ts';

/**
 * The dropout mask of one layer for one step: 1 keeps a unit, 0 drops it.
 *
 * Row i depends on (seed, stream, epoch, id of sample i) only, not on its place in the batch, so a replayed step
 * drops the same units. Each unit takes 16 random bits: the rate is met to within 2^-16.
 *
 * @param context of the step; one row for each of its ids
 * @param stream the layer's name: two layers never share a mask
 * @param units per sample
 * @param rate share of units to drop, in [0, 1)
 * @returns [ids, units], row-major
 * @throws {KdError} INVALID_ARGUMENT if the rate or the seed is out of range
 *
 * @example
 * import { dropoutMask } from '@kd/core';
 * const context = { seed: 7, epoch: 0, step: 0, ids: Uint32Array.of(12, 13) };
 * console.log(dropoutMask(context, 'dropout_1', 1200, 0.5).length); // 2400
 */
export function dropoutMask(context: StepContext, stream: string, units: number, rate: number): Float32Array {
  if (!(rate >= 0 && rate < 1)) {
    throw new KdError('INVALID_ARGUMENT', `dropoutMask: rate must be in [0, 1), got ${rate}`, { rate });
  }
  const { seed, epoch, ids } = context;
  const threshold = Math.round(rate * 2 ** 16);
  const streamWord = hash32(stream);
  const [key0, key1] = keyOf(seed, 'dropoutMask');
  const mask = new Float32Array(ids.length * units);
  const block = new Uint32Array(4);
  for (let row = 0; row < ids.length; row++) {
    const start = row * units;
    for (let unit = 0; unit < units; unit += 8) {
      philox4x32(block, 0, unit >>> 3, ids[row]!, epoch, streamWord, key0, key1);
      const end = Math.min(8, units - unit);
      for (let i = 0; i < end; i++) {
        const half = (block[i >>> 1]! >>> (16 * (i & 1))) & 0xffff;
        // 1 if half >= threshold, by the sign: a branch on a coin would be predicted wrongly half of the time.
        mask[start + unit + i] = 1 - ((half - threshold) >>> 31);
      }
    }
  }
  return mask;
}

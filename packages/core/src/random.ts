import { KdError } from './errors.ts';
import { philox4x32 } from './philox.ts';

/**
 * Where a random number lives: which seed, what for, which epoch, which sample.
 * Equal addresses give equal numbers, whatever was drawn before.
 */
export interface RandomAddress {
  /** Non-negative integer up to 2^53 - 1. */
  seed: number;
  /** What the numbers are for, such as `shuffle` or a layer's name. */
  stream: string;
  /** @default 0 */
  epoch?: number;
  /** Sample id, variable index, or whatever tells draws of one stream apart. @default 0 */
  id?: number;
}

/** Numbers drawn one after the other from one address. */
export interface RandomSource {
  /** Integer in [0, 2^32). */
  uint32(): number;
  /** Multiple of 2^-24 in [0, 1): exact in float32. */
  uniform(): number;
  /** Integer in [0, bound), without modulo bias. `bound` in [1, 2^32]. */
  below(bound: number): number;
  /** Standard normal number (Box and Muller 1958). */
  normal(): number;
}

/** FNV-1a of a string, 32 bits: turns names of streams and samples into words of the counter. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** A seed as the two words of a key. */
export function keyOf(seed: number, caller = 'random'): [number, number] {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new KdError('INVALID_ARGUMENT', `${caller}: seed must be an integer in [0, 2^53), got ${seed}`, { seed });
  }
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

/**
 * Opens the stream of random numbers at an address.
 *
 * Philox4x32-10 with key = seed and counter = (n, id, epoch, stream), n counting blocks of four words.
 *
 * @throws {KdError} INVALID_ARGUMENT if the seed is not an integer in [0, 2^53)
 *
 * @example
 * import { randomSource } from '@kd/core';
 * const random = randomSource({ seed: 42, stream: 'shuffle', epoch: 3 });
 * console.log(random.below(10) < 10); // true
 */
export function randomSource({ seed, stream, epoch = 0, id = 0 }: RandomAddress): RandomSource {
  const [key0, key1] = keyOf(seed);
  const streamWord = hash32(stream);
  const block = new Uint32Array(4);
  let used = 4;
  let n = 0;
  let spareNormal: number | undefined;

  const uint32 = (): number => {
    if (used === 4) {
      philox4x32(block, 0, n++, id, epoch, streamWord, key0, key1);
      used = 0;
    }
    return block[used++]!;
  };
  const uniform = (): number => (uint32() >>> 8) * 2 ** -24;
  return {
    uint32,
    uniform,
    below(bound) {
      if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
        throw new KdError('INVALID_ARGUMENT', `below: bound must be an integer in [1, 2^32], got ${bound}`, { bound });
      }
      // Words past the last whole multiple of `bound` would favour the small results.
      const limit = 2 ** 32 - (2 ** 32 % bound);
      let word = uint32();
      while (word >= limit) word = uint32();
      return word % bound;
    },
    normal() {
      if (spareNormal !== undefined) {
        const spare = spareNormal;
        spareNormal = undefined;
        return spare;
      }
      const radius = Math.sqrt(-2 * Math.log((uint32() + 1) * 2 ** -32));
      const angle = 2 * Math.PI * uint32() * 2 ** -32;
      spareNormal = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/**
 * A random order of `0 … length - 1` (Fisher and Yates).
 *
 * @throws {KdError} INVALID_ARGUMENT if length is not a non-negative integer
 *
 * @example
 * import { permutation } from '@kd/core';
 * console.log(permutation(5, { seed: 1, stream: 'shuffle' }).length); // 5
 */
export function permutation(length: number, address: RandomAddress): Uint32Array {
  if (!Number.isInteger(length) || length < 0) {
    throw new KdError('INVALID_ARGUMENT', `permutation: length must be an integer >= 0, got ${length}`, { length });
  }
  const random = randomSource(address);
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const swap = order[i]!;
    order[i] = order[j]!;
    order[j] = swap;
  }
  return order;
}

import { KdError } from '@kd/core';

/** Refuses what is not an integer in [low, high). */
export function checkInteger(where: string, name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value >= high) {
    const range = high === Number.POSITIVE_INFINITY ? `>= ${low}` : `in [${low}, ${high})`;
    throw new KdError('INVALID_ARGUMENT', `${where}: ${name} must be an integer ${range}, got ${value}`, {
      [name]: value,
    });
  }
}

/** Refuses what `randomSource` would refuse, under the name of the caller. */
export function checkSeed(where: string, seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new KdError('INVALID_ARGUMENT', `${where}: seed must be an integer in [0, 2^53), got ${seed}`, { seed });
  }
}

/** Refuses pixels whose range their type does not tell, such as the Uint8ClampedArray of a canvas. */
export function checkPixelType(
  where: string,
  data: object,
  types: readonly (Float32ArrayConstructor | Uint8ArrayConstructor)[] = [Uint8Array, Float32Array],
): void {
  if (types.some((Type) => data instanceof Type)) return;
  const [type, expected] = [data.constructor.name, types.map(({ name }) => name).join(' or ')];
  throw new KdError('INVALID_DATA', `${where}: pixels are ${type}, expected ${expected}`, { type });
}

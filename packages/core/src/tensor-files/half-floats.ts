/*
 * Half precision (IEEE binary16: 1 sign, 5 exponent, 10 fraction bits) and bfloat16 (the upper half of a float32), as
 * bits. Widening is exact, NaN payloads included; narrowing rounds to nearest, ties to even, and overflows to infinity.
 */

const INFINITY_BITS = 0x7f800000;

/**
 * Float32 values of binary16 bits; exact.
 *
 * @example
 * import { halvesToFloats } from '@kd/core';
 * console.log(halvesToFloats(Uint16Array.of(0x3c00, 0xc000))); // Float32Array(2) [ 1, -2 ]
 */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const sign = (half & 0x8000) << 16;
    const exponent = half & 0x7c00;
    const fraction = half & 0x3ff;
    if (exponent === 0x7c00) bits[i] = sign | INFINITY_BITS | (fraction << 13);
    else if (exponent !== 0) bits[i] = sign | (((half & 0x7fff) << 13) + (112 << 23));
    else floats[i] = (sign === 0 ? fraction : -fraction) * 2 ** -24;
  }
  return floats;
}

/**
 * Binary16 bits nearest to float32 values: 11 significant bits, so off by at most 2^-11 of the value from 2^-14 on.
 * Above 65504 (65520 and more) they are infinite.
 *
 * @example
 * import { floatsToHalves, halvesToFloats } from '@kd/core';
 * console.log(halvesToFloats(floatsToHalves(Float32Array.of(0.5, 1000.2, 1e6)))); // Float32Array(3) [ 0.5, 1000, Infinity ]
 */
export function floatsToHalves(floats: Float32Array): Uint16Array {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < floats.length; i++) {
    const sign = (bits[i]! >>> 16) & 0x8000;
    const magnitude = bits[i]! & 0x7fffffff;
    let half: number;
    if (magnitude > INFINITY_BITS) half = 0x7c00 | ((magnitude >>> 13) & 0x3ff || 0x200);
    else if (magnitude >= 0x477ff000)
      half = 0x7c00; // 65520 and more: nearer to 65536 than to 65504
    else if (magnitude >= 0x38800000) half = (magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    else half = Math.abs(floats[i]!) * 2 ** 24 + 2 ** 52 - 2 ** 52; // below 2^-14: a double rounds to an integer
    halves[i] = sign | half;
  }
  return halves;
}

/** Float32 values of bfloat16 bits. */
export function bfloatsToFloats(bfloats: Uint16Array): Float32Array {
  const floats = new Float32Array(bfloats.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < bfloats.length; i++) bits[i] = bfloats[i]! << 16;
  return floats;
}

/** Bfloat16 bits nearest to float32 values. */
export function floatsToBfloats(floats: Float32Array): Uint16Array {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const bfloats = new Uint16Array(floats.length);
  for (let i = 0; i < floats.length; i++) {
    const word = bits[i]!;
    const isNan = (word & 0x7fffffff) > INFINITY_BITS;
    bfloats[i] = isNan
      ? ((word >>> 16) & 0xff80) | ((word >>> 16) & 0x7f || 0x40)
      : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return bfloats;
}

import { describe, expect, it } from 'vitest';
import { philox4x32 } from './philox.ts';

// The three known-answer vectors for philox4x32, 10 rounds, of Random123 (tests/kat_vectors): counter, key, result.
const vectors: [number[], number[], number[]][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

describe('philox4x32', () => {
  it.each(vectors)('answers %j under key %j as published', (counter, key, expected) => {
    const out = new Uint32Array(6);
    philox4x32(out, 1, counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!);
    expect(Array.from(out)).toEqual([0, ...expected, 0]);
  });
});

import { describe, expect, it } from 'vitest';
import { joinProtobuf, type ProtobufField, protobuf } from './protobuf.ts';

const hex = (...fields: ProtobufField[]): string =>
  Array.from(joinProtobuf(fields), (byte) => byte.toString(16).padStart(2, '0')).join(' ');

// The vectors of protobuf's own page on its encoding, but for those that say what they are.
describe('a field is', () => {
  it.each<[string, ProtobufField, string]>([
    ['an int', protobuf.int(1, 150), '08 96 01'],
    ['a zero', protobuf.int(1, 0), '08 00'],
    ['a negative int, of ten bytes', protobuf.int(1, -2), '08 fe ff ff ff ff ff ff ff ff 01'],
    ['the largest int64', protobuf.int(1, 2n ** 63n - 1n), '08 ff ff ff ff ff ff ff ff 7f'],
    ['an int beyond 2^32', protobuf.int(1, 2 ** 40), '08 80 80 80 80 80 20'],
    ['of a number above 15, with a tag of two bytes', protobuf.int(20, 7), 'a0 01 07'],
    ['a string', protobuf.string(2, 'testing'), '12 07 74 65 73 74 69 6e 67'],
    ['a string of two-byte letters', protobuf.string(1, 'é'), '0a 02 c3 a9'],
    ['bytes', protobuf.bytes(4, Uint8Array.of(1, 0, 255)), '22 03 01 00 ff'],
    ['a message', protobuf.message(3, [protobuf.int(1, 150)]), '1a 03 08 96 01'],
    ['an empty message', protobuf.message(3, []), '1a 00'],
    ['packed ints', protobuf.ints(6, [3, 270, 86942]), '32 06 03 8e 02 9e a7 05'],
    ['a float (IEEE 754: 1.5 is 3fc00000)', protobuf.float(5, 1.5), '2d 00 00 c0 3f'],
    ['packed floats', protobuf.floats(7, [1.5, -2]), '3a 08 00 00 c0 3f 00 00 00 c0'],
    ['a double (1.5 is 3ff8000000000000)', protobuf.double(1, 1.5), '09 00 00 00 00 00 00 f8 3f'],
  ])('%s', (_, field, expected) => {
    expect(hex(field)).toBe(expected);
  });
});

it('puts messages into messages, with lengths above 127', () => {
  const inner = protobuf.bytes(1, new Uint8Array(200));
  const bytes = joinProtobuf([protobuf.message(2, [inner, protobuf.int(3, 1)]), protobuf.int(4, 1)]);
  expect([...bytes.slice(0, 6)]).toEqual([0x12, 0xcd, 0x01, 0x0a, 0xc8, 0x01]); // 205 = 3 + 200 + 2, 200
  expect([...bytes.slice(-4)]).toEqual([0x18, 1, 0x20, 1]);
});

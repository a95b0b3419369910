import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const tensors = [
  { name: 'a', shape: [2, 2], data: Float32Array.of(1, -2, Number.NaN, 3e-45) },
  { name: 'ids', shape: [3], data: Uint32Array.of(0, 1, 2 ** 32 - 1) },
  { name: 'raw', shape: [1], data: Uint8Array.of(255) },
  { name: 'empty', shape: [0, 4], data: new Int32Array(0) },
];

/** A file with the given header text and `dataBytes` zero bytes, made by hand. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

describe('safetensors', () => {
  it('reads back every bit', () => {
    const read = readSafetensors(writeSafetensors(tensors, { format: 'kd' }));
    expect(read.metadata).toEqual({ format: 'kd' });
    expect(read.tensors).toHaveLength(tensors.length);
    for (const tensor of tensors) expect(read.tensors).toContainEqual(tensor);
  });

  it("reads a view into a larger buffer, and a view whose slice() does not copy, as Node's Buffer", () => {
    class Shared extends Uint8Array {
      override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
        return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
      }
    }
    const whole = new Shared(1000);
    const bytes = writeSafetensors(tensors);
    whole.set(bytes, 13);
    const read = readSafetensors(whole.subarray(13, 13 + bytes.length));
    for (const tensor of tensors) expect(read.tensors).toContainEqual(tensor);
  });

  it("reads a file made by hand from the format's description", () => {
    const bytes = file({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 4);
    bytes.set(new Uint8Array(Float32Array.of(1.5).buffer), bytes.length - 4);
    expect(readSafetensors(bytes).tensors).toEqual([{ name: 'x', shape: [1], data: Float32Array.of(1.5) }]);
  });

  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), '0 bytes are too few'],
    ['a truncated file', writeSafetensors(tensors).slice(0, -1), 'claims bytes'],
    ['a longer file', Uint8Array.of(...writeSafetensors(tensors), 0), '1 bytes belong to no tensor'],
    ['a header past the end', Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 0), 'the header claims 4294967295 bytes'],
    ['a header that is no JSON', file('{', 0), 'the header is not JSON'],
    [
      'overlapping tensors',
      file(
        { x: { dtype: 'U8', shape: [2], data_offsets: [0, 2] }, y: { dtype: 'U8', shape: [2], data_offsets: [1, 3] } },
        3,
      ),
      "'y' of shape [2] claims bytes 1 to 3",
    ],
    ['a shape that lies', file({ x: { dtype: 'F32', shape: [9], data_offsets: [0, 4] } }, 4), "'x' of shape [9]"],
    ['a header that is null', file(null, 0), 'the header is no JSON object'],
    ['a header that is a list', file([1], 0), 'the header is no JSON object'],
    [
      'a tensor without offsets',
      file({ x: { dtype: 'F32', shape: [0] } }, 0),
      "'x' has no dtype, shape and data_offsets",
    ],
    ['a tensor that is null', file({ x: null }, 0), "'x' has no dtype, shape and data_offsets"],
    ['a negative shape', file({ x: { dtype: 'U8', shape: [-1, -2], data_offsets: [0, 2] } }, 2), "'x' has no dtype"],
    ['another type', file({ x: { dtype: 'F64', shape: [1], data_offsets: [0, 8] } }, 8), "'x' has type F64"],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it.each(['constructor', 'toString'])("takes '%s' as a name", (name) => {
    const bytes = writeSafetensors([{ name, shape: [1], data: Float32Array.of(2) }]);
    expect(readSafetensors(bytes).tensors).toEqual([{ name, shape: [1], data: Float32Array.of(2) }]);
  });

  it('reads an empty tensor that the header names after its neighbour', () => {
    const empty = { dtype: 'U8', shape: [0], data_offsets: [0, 0] };
    const bytes = file({ y: { dtype: 'U8', shape: [1], data_offsets: [0, 1] }, x: empty }, 1);
    expect(readSafetensors(bytes).tensors.map(({ name }) => name)).toEqual(['x', 'y']);
  });

  it('refuses two tensors of one name, and a shape that does not fit', () => {
    expect(() => writeSafetensors([tensors[1]!, tensors[1]!])).toThrow("two tensors are called 'ids'");
    expect(() => writeSafetensors([{ ...tensors[1]!, shape: [4] }])).toThrow(
      "'ids' has 3 values, its shape [4] holds 4",
    );
  });
});

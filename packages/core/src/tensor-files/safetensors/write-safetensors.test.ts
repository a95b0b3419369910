import { describe, expect, it } from 'vitest';
import type { NamedTensor } from '../tensor-file.ts';
import { readSafetensors } from './read-safetensors.ts';
import { safetensorsParts } from './safetensors-parts.ts';
import { writeSafetensors } from './write-safetensors.ts';

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

const u8 = (from: number, to: number): string => `{"dtype":"U8","shape":[1],"data_offsets":[${from},${to}]}`;

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
    ['another type', file({ x: { dtype: 'F8_E5M2', shape: [1], data_offsets: [0, 1] } }, 1), "'x' has type F8_E5M2"],
    ['a name that is there twice', file(`{"x":${u8(0, 1)},"\\u0078":${u8(1, 2)}}`, 2), "the header has 'x' twice"],
    ['a field that is there twice', file('{"x":{"dtype":"U8","dtype":"I8"}}', 0), "the header has 'dtype' twice"],
    [
      'a gap',
      file(`{"x":${u8(0, 1)},"y":${u8(2, 3)}}`, 3),
      "'y' of shape [1] claims bytes 2 to 3 of 3, where 1 is next",
    ],
    ['a gap in front', file(`{"x":${u8(1, 2)}}`, 2), "'x' of shape [1] claims bytes 1 to 2 of 2, where 0 is next"],
    ['offsets the wrong way round', file(`{"x":${u8(1, 0)}}`, 1), "'x' of shape [1] and type U8 has bytes 1,0"],
    [
      'a shape beyond numbers',
      file({ x: { dtype: 'U8', shape: [2 ** 30, 2 ** 30, 0], data_offsets: [0, 0] } }, 0),
      "'x' of shape",
    ],
    ['a fraction', file('{"x":{"dtype":"U8","shape":[0.5],"data_offsets":[0,0]}}', 0), "'x' has no dtype"],
    ['notes that are no strings', file('{"__metadata__":{"a":1}}', 0), '__metadata__ holds something other'],
    ['half of a character', file(`{"\\ud800":${u8(0, 1)}}`, 1), 'is no text'],
    ['a byte order mark', file('\ufeff{}', 0), 'the header is not JSON'],
    [
      'a boolean of 2',
      Uint8Array.of(...file('{"x":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}', 0), 2),
      "'x' of type BOOL: value 2 at 0",
    ],
    [
      'an integer that is no number',
      Uint8Array.of(...file('{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', 0), 1, 0, 0, 0, 0, 0, 32, 0),
      "'x' of type I64: value 9007199254740993 at 0 is beyond 2^53",
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it('allocates nothing by what a header claims', () => {
    const claim = Uint8Array.of(0, 225, 245, 5, 0, 0, 0, 0, 0x7b); // 100 MB
    expect(() => readSafetensors(claim)).toThrow('the header claims 100000000 bytes, the file has 9');
    const shape = [2 ** 20, 2 ** 20];
    const huge = file({ x: { dtype: 'F32', shape, data_offsets: [0, 2 ** 42] } }, 4);
    expect(() => readSafetensors(huge)).toThrow(`'x' of shape [${shape}] claims bytes 0 to ${2 ** 42} of 4`);
  });

  it('reads values that do not lie as their type needs it', () => {
    const header =
      '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"F64","shape":[1],"data_offsets":[1,9]}}';
    const bytes = Uint8Array.of(...file(header, 0), 7, ...new Uint8Array(Float64Array.of(-0.1).buffer));
    const y = { name: 'y', shape: [1], data: Float64Array.of(-0.1) };
    expect(readSafetensors(bytes).tensors[1]).toEqual(y);
    const shifted = Uint8Array.of(0, ...bytes).subarray(1);
    expect(readSafetensors(shifted).tensors[1]).toEqual(y);
  });

  it('aligns every tensor, wide types first', () => {
    const bytes = writeSafetensors([
      tensors[2]!,
      { name: 'half', shape: [], data: Float32Array.of(1), dtype: 'F16' },
      tensors[0]!,
    ]);
    expect(readSafetensors(bytes).tensors.map(({ name }) => name)).toEqual(['a', 'half', 'raw']);
  });

  it.each<[string, NamedTensor, string]>([
    [
      'a type that is another array',
      { name: 'x', shape: [1], data: Uint8Array.of(1), dtype: 'F16' },
      "'x' is a Uint8Array, which cannot be written as F16",
    ],
    ['an array of no type', { name: 'x', shape: [1], data: [1] as never }, "'x' is a Array, which cannot be written"],
    [
      'a fraction as an integer',
      { name: 'x', shape: [1], data: Float64Array.of(0.5), dtype: 'I64' },
      "'x' as I64: value 0.5 at 0",
    ],
    [
      'a negative number as U64',
      { name: 'x', shape: [1], data: Float64Array.of(-1), dtype: 'U64' },
      "'x' as U64: value -1 at 0",
    ],
    ['a boolean of 2', { name: 'x', shape: [1], data: Uint8Array.of(2), dtype: 'BOOL' }, "'x' as BOOL: value 2 at 0"],
    [
      'the name of the metadata',
      { name: '__metadata__', shape: [1], data: Uint8Array.of(2) },
      'no tensor can be called',
    ],
    ['a negative size', { name: 'x', shape: [-1, -1], data: Uint8Array.of(2) }, "'x' has 1 values, its shape [-1,-1]"],
  ])('does not write %s', (_, tensor, message) => {
    expect(() => writeSafetensors([tensor])).toThrow(`writeSafetensors: ${message}`);
  });

  it('does not write notes that are no strings', () => {
    expect(() => writeSafetensors([], { epoch: 3 as never })).toThrow('writeSafetensors: the metadata holds something');
    expect(() => safetensorsParts([], { epoch: 3 as never })).toThrow('safetensorsParts: the metadata holds something');
  });

  it.each(['constructor', 'toString', '__proto__'])("takes '%s' as a name", (name) => {
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

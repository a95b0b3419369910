import { KdError } from './errors.ts';

/** Types of values that are written and read; the rest of the format's types come with the models package. */
const TYPES = { F32: Float32Array, I32: Int32Array, U32: Uint32Array, U8: Uint8Array } as const;

export type TensorArray = Float32Array | Int32Array | Uint32Array | Uint8Array;

/** One named array of a safetensors file. */
export interface NamedTensor {
  name: string;
  shape: readonly number[];
  data: TensorArray;
}

const MAX_HEADER_BYTES = 100_000_000; // the limit of the reference implementation

function typeName(data: TensorArray): keyof typeof TYPES {
  const found = Object.entries(TYPES).find(([, type]) => data instanceof type);
  return found![0] as keyof typeof TYPES;
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Writes tensors in the safetensors format: 8 bytes of header length, a JSON header padded to 8 bytes, then the
 * values, little-endian, without gaps.
 *
 * @param metadata strings for the header's `__metadata__`
 * @throws {KdError} INVALID_ARGUMENT if two tensors share a name or a shape does not fit its values
 *
 * Reference: the format's description in huggingface/safetensors.
 *
 * @example
 * import { readSafetensors, writeSafetensors } from '@kd/core';
 * const bytes = writeSafetensors([{ name: 'bias', shape: [2], data: Float32Array.of(0, 1) }]);
 * console.log(readSafetensors(bytes).tensors[0].name); // bias
 */
export function writeSafetensors(tensors: readonly NamedTensor[], metadata: Record<string, string> = {}): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let position = 0;
  for (const { name, shape, data } of tensors) {
    if (Object.hasOwn(header, name)) {
      throw new KdError('INVALID_ARGUMENT', `writeSafetensors: two tensors are called '${name}'`, { name });
    }
    if (elementCount(shape) !== data.length) {
      throw new KdError(
        'INVALID_ARGUMENT',
        `writeSafetensors: '${name}' has ${data.length} values, its shape [${shape}] holds ${elementCount(shape)}`,
        { name, shape, length: data.length },
      );
    }
    header[name] = { dtype: typeName(data), shape, data_offsets: [position, position + data.byteLength] };
    position += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + position);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(text, 8);
  let offset = 8 + headerLength;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads what `writeSafetensors` wrote. Every offset is checked against the file before anything is copied.
 *
 * @throws {KdError} INVALID_DATA if the bytes are not a whole safetensors file
 * @throws {KdError} UNSUPPORTED if a tensor has a type other than F32, I32, U32 or U8
 */
export function readSafetensors(bytes: Uint8Array): { tensors: NamedTensor[]; metadata: Record<string, string> } {
  const invalid = (why: string): KdError => new KdError('INVALID_DATA', `readSafetensors: ${why}`);
  if (bytes.length < 8) throw invalid(`${bytes.length} bytes are too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > MAX_HEADER_BYTES || 8 + headerLength > bytes.length) {
    throw invalid(`the header claims ${headerLength} bytes, the file has ${bytes.length}: truncated or another format`);
  }
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + headerLength)));
  } catch (cause) {
    throw new KdError('INVALID_DATA', 'readSafetensors: the header is not JSON', {}, { cause });
  }
  const object = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!object(header)) throw invalid('the header is no JSON object');
  const { __metadata__: metadata = {}, ...entries } = header as typeof header & { __metadata__?: object };
  const sizes = (value: unknown): boolean => Array.isArray(value) && value.every((n) => Number.isInteger(n) && n >= 0);
  for (const [name, entry] of Object.entries(entries)) {
    if (object(entry) && sizes(entry.shape) && sizes(entry.data_offsets) && entry.data_offsets.length === 2) continue;
    throw invalid(`'${name}' has no dtype, shape and data_offsets in the header`);
  }
  const start = 8 + headerLength;
  let expected = 0;
  const tensors = Object.entries(entries)
    .sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1])
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]): NamedTensor => {
        if (!Object.hasOwn(TYPES, dtype)) {
          throw new KdError(
            'UNSUPPORTED',
            `readSafetensors: '${name}' has type ${dtype}; can read ${Object.keys(TYPES)}`,
          );
        }
        const Type = TYPES[dtype as keyof typeof TYPES];
        if (
          from !== expected ||
          to - from !== elementCount(shape) * Type.BYTES_PER_ELEMENT ||
          start + to > bytes.length
        ) {
          throw invalid(`'${name}' of shape [${shape}] claims bytes ${from} to ${to} of ${bytes.length - start}`);
        }
        expected = to;
        const copy = new Uint8Array(to - from); // not bytes.slice(): of a Node Buffer that is a view of shared memory
        copy.set(bytes.subarray(start + from, start + to));
        return { name, shape, data: new Type(copy.buffer) };
      },
    );
  if (start + expected !== bytes.length) throw invalid(`${bytes.length - start - expected} bytes belong to no tensor`);
  return { tensors, metadata: metadata as Record<string, string> };
}

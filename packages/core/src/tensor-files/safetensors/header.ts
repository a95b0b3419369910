import { KdError } from '../../errors.ts';
import { duplicateKey } from '../duplicate-key.ts';
import { elementCount, type TensorInfo, type TensorType } from '../tensor-file.ts';
import { bytesPerValue, TENSOR_TYPES } from '../tensor-values.ts';

/** Bytes in front of the header: its length as u64. */
export const LENGTH_BYTES = 8;

const MAX_HEADER_BYTES = 100_000_000; // the limit of the reference implementation

/** A tensor, and where its values lie in the file. */
interface SafetensorsEntry extends TensorInfo {
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

type JsonObject = Record<string, unknown>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0));
}

/** True for text with half of a surrogate pair, which UTF-8 cannot hold. */
export function isBroken(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** The length of the header, from the first bytes of a file of `fileBytes`. */
export function headerLength(caller: string, first: Uint8Array, fileBytes: number): number {
  const invalid = (why: string): KdError => new KdError('INVALID_DATA', `${caller}: ${why}`, { fileBytes });
  if (fileBytes < LENGTH_BYTES) throw invalid(`${fileBytes} bytes are too few for a header`);
  const length = new DataView(first.buffer, first.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES || LENGTH_BYTES + Number(length) > fileBytes) {
    throw invalid(`the header claims ${length} bytes, the file has ${fileBytes}: truncated or another format`);
  }
  return Number(length);
}

function parse(caller: string, bytes: Uint8Array): JsonObject {
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new KdError('INVALID_DATA', `${caller}: the header is not JSON`, {}, { cause });
  }
  if (!isObject(header)) throw new KdError('INVALID_DATA', `${caller}: the header is no JSON object`);
  const twice = duplicateKey(text);
  if (twice === undefined) return header;
  throw new KdError('INVALID_DATA', `${caller}: the header has '${twice}' twice`, { name: twice });
}

function entryOf(caller: string, name: string, entry: unknown, dataStart: number): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  if (typeof dtype !== 'string' || !areSizes(shape) || !areSizes(offsets) || offsets.length !== 2) {
    throw new KdError('INVALID_DATA', `${caller}: '${name}' has no dtype, shape and data_offsets in the header`, {
      name,
    });
  }
  if (!TENSOR_TYPES.includes(dtype as TensorType)) {
    throw new KdError('UNSUPPORTED', `${caller}: '${name}' has type ${dtype}; can read ${TENSOR_TYPES}`, {
      name,
      dtype,
    });
  }
  const [from, to] = offsets as [number, number];
  const count = elementCount(shape);
  const byteLength = to - from;
  if (count === undefined || count * bytesPerValue(dtype as TensorType) !== byteLength) {
    throw new KdError(
      'INVALID_DATA',
      `${caller}: '${name}' of shape [${shape}] and type ${dtype} has bytes ${offsets}`,
      {
        name,
        shape,
        offsets,
      },
    );
  }
  return { name, dtype: dtype as TensorType, shape, offset: dataStart + from, byteLength };
}

/**
 * Reads a header, and checks that its tensors fill the file: one after the other, none on top of another, no byte
 * left over. Nothing is allocated by what the header claims.
 *
 * @param bytes the header alone
 */
export function parseHeader(caller: string, bytes: Uint8Array, fileBytes: number): SafetensorsHeader {
  const { __metadata__: metadata = {}, ...rest } = parse(caller, bytes);
  const invalid = (why: string): KdError => new KdError('INVALID_DATA', `${caller}: ${why}`);
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw invalid('__metadata__ holds something other than strings');
  }
  const broken = Object.keys(rest).find(isBroken);
  if (broken !== undefined) throw invalid(`the name ${JSON.stringify(broken)} is no text`);
  const dataStart = LENGTH_BYTES + bytes.length;
  const entries = Object.entries(rest)
    .map(([name, entry]) => entryOf(caller, name, entry, dataStart))
    .sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  let end = dataStart;
  for (const { name, shape, offset, byteLength } of entries) {
    if (offset !== end || offset + byteLength > fileBytes) {
      const claim = `'${name}' of shape [${shape}] claims bytes ${offset - dataStart} to ${offset + byteLength - dataStart}`;
      throw invalid(`${claim} of ${fileBytes - dataStart}, where ${end - dataStart} is next: cut, overlap or gap`);
    }
    end = offset + byteLength;
  }
  if (end !== fileBytes) throw invalid(`${fileBytes - end} bytes belong to no tensor`);
  return {
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    metadata: metadata as Record<string, string>,
  };
}

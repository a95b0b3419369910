import { KdError } from '../../errors.ts';
import { elementCount, type NamedTensor } from '../tensor-file.ts';
import { bytesPerValue, encodeTensor, typeOf } from '../tensor-values.ts';
import { isBroken } from './header.ts';

function check(caller: string, { name, shape, data }: NamedTensor, names: Set<string>): void {
  const invalid = (why: string): KdError =>
    new KdError('INVALID_ARGUMENT', `${caller}: ${why}`, { name, shape, length: data.length });
  if (names.has(name)) throw invalid(`two tensors are called '${name}'`);
  if (name === '__metadata__' || isBroken(name)) throw invalid(`no tensor can be called ${JSON.stringify(name)}`);
  const count = elementCount(shape);
  if (count !== data.length || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw invalid(`'${name}' has ${data.length} values, its shape [${shape}] holds ${count}`);
  }
  names.add(name);
}

/** `safetensorsParts` for another function, whose name errors start with. */
export function partsFor(
  caller: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Iterable<Uint8Array> {
  const names = new Set<string>();
  for (const tensor of tensors) check(caller, tensor, names);
  const width = (tensor: NamedTensor): number => bytesPerValue(typeOf(caller, tensor));
  const ordered = [...tensors].sort((a, b) => width(b) - width(a));
  if (!Object.values(metadata).every((value) => typeof value === 'string')) {
    throw new KdError('INVALID_ARGUMENT', `${caller}: the metadata holds something other than strings`);
  }
  let position = 0;
  const entries = ordered.map((tensor): [string, object] => {
    const start = position;
    position += tensor.data.length * width(tensor);
    const dtype = typeOf(caller, tensor);
    return [tensor.name, { dtype, shape: tensor.shape, data_offsets: [start, position] }];
  });
  const notes = Object.keys(metadata).length > 0 ? [['__metadata__', metadata] as const] : [];
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...notes, ...entries])));
  const header = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  header.set(text);
  return (function* () {
    yield new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer);
    yield header;
    for (const tensor of ordered) yield encodeTensor(caller, tensor);
  })();
}

/**
 * A safetensors file in pieces, to be written one after the other: a large one need not be in memory twice.
 *
 * 8 bytes of header length, a JSON header padded to 8 bytes, then the values, little-endian, without gaps: tensors of wide
 * types first, else in the given order, so that all of them are aligned.
 *
 * @param metadata strings for the header's `__metadata__`; Python's transformers asks for `{ format: 'pt' }`
 * @returns the header, then the bytes of one tensor at a time; views of the tensors' own values where possible
 * @throws {KdError} INVALID_ARGUMENT if two tensors share a name, a shape does not fit its values, or values their type
 *
 * Reference: the format's description in huggingface/safetensors; compared with its Python package 0.8.0.
 *
 * @example
 * import { safetensorsParts } from '@kd/core';
 * import { writeFileAtomic } from '@kd/core/node';
 * const tensors = [{ name: 'bias', shape: [2], data: Float32Array.of(0, 1), dtype: 'F16' as const }];
 * await writeFileAtomic('model.safetensors', safetensorsParts(tensors, { format: 'pt' }));
 */
export function safetensorsParts(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Iterable<Uint8Array> {
  return partsFor('safetensorsParts', tensors, metadata);
}

import { type ByteSource, readExactly } from '../byte-source.ts';
import { findTensor, type TensorFile } from '../tensor-file.ts';
import { decodeTensor } from '../tensor-values.ts';
import { headerLength, LENGTH_BYTES, parseHeader } from './header.ts';

/**
 * Opens a safetensors file for reading one tensor at a time.
 *
 * Only the header is read, and checked as by `readSafetensors`. A tensor that is stored as float32 is the bytes that the
 * source gave, without a copy.
 *
 * @throws {KdError} INVALID_DATA if the header is not one, or does not fit the size of the source
 * @throws {KdError} UNSUPPORTED if a tensor has a type other than those of `TensorType`
 *
 * Reference: the format's description in huggingface/safetensors; compared with its Python package 0.8.0.
 *
 * @example
 * import { bytesSource, openSafetensors, writeSafetensors } from '@kd/core';
 * const bytes = writeSafetensors([{ name: 'bias', shape: [2], data: Float32Array.of(0, 1) }]);
 * const file = await openSafetensors(bytesSource(bytes));
 * console.log(file.tensors[0].shape, (await file.read('bias')).data); // [ 2 ] Float32Array(2) [ 0, 1 ]
 */
export async function openSafetensors(source: ByteSource): Promise<TensorFile> {
  const caller = 'openSafetensors';
  const first = await readExactly(caller, source, 0, Math.min(LENGTH_BYTES, source.size));
  const length = headerLength(caller, first, source.size);
  const header = await readExactly(caller, source, LENGTH_BYTES, length);
  const { entries, metadata } = parseHeader(caller, header, source.size);
  return {
    tensors: [...entries.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    metadata,
    async read(name) {
      const entry = findTensor(caller, entries, name);
      return decodeTensor(caller, entry, await readExactly(caller, source, entry.offset, entry.byteLength));
    },
    close: async () => source.close?.(),
  };
}

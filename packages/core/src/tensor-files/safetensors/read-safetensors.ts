import type { NamedTensor } from '../tensor-file.ts';
import { decodeTensor } from '../tensor-values.ts';
import { headerLength, LENGTH_BYTES, parseHeader } from './header.ts';

/**
 * Reads a safetensors file that is in memory. Everything the header says is checked before anything is copied.
 *
 * For large files, `openSafetensors` reads one tensor at a time.
 *
 * @returns tensors in the order of their bytes, each with a copy of its values; and the header's `__metadata__`
 * @throws {KdError} INVALID_DATA if the bytes are not a whole safetensors file: a header that is too long, is not JSON
 *   or has a name twice; offsets that overlap, leave a gap, lie outside or do not fit a shape
 * @throws {KdError} UNSUPPORTED if a tensor has a type other than those of `TensorType`
 *
 * Reference: the format's description in huggingface/safetensors; compared with its Python package 0.8.0.
 *
 * @example
 * import { readSafetensors, writeSafetensors } from '@kd/core';
 * const bytes = writeSafetensors([{ name: 'bias', shape: [2], data: Float32Array.of(0, 1) }]);
 * console.log(readSafetensors(bytes).tensors[0].data); // Float32Array(2) [ 0, 1 ]
 */
export function readSafetensors(bytes: Uint8Array): { tensors: NamedTensor[]; metadata: Record<string, string> } {
  const end = LENGTH_BYTES + headerLength('readSafetensors', bytes, bytes.length);
  const { entries, metadata } = parseHeader('readSafetensors', bytes.subarray(LENGTH_BYTES, end), bytes.length);
  const tensors = [...entries.values()].map((entry) => {
    const part = bytes.subarray(entry.offset, entry.offset + entry.byteLength);
    return decodeTensor('readSafetensors', entry, new Uint8Array(part));
  });
  return { tensors, metadata };
}

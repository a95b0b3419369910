import { joinBytes } from '../../join-bytes.ts';
import type { NamedTensor } from '../tensor-file.ts';
import { partsFor } from './safetensors-parts.ts';

/**
 * Writes tensors in the safetensors format, in memory. `safetensorsParts` says how, and is for large files.
 *
 * @param metadata strings for the header's `__metadata__`
 * @throws {KdError} INVALID_ARGUMENT if two tensors share a name, a shape does not fit its values, or values their type
 *
 * @example
 * import { readSafetensors, writeSafetensors } from '@kd/core';
 * const bytes = writeSafetensors([{ name: 'bias', shape: [2], data: Float32Array.of(0, 1) }]);
 * console.log(readSafetensors(bytes).tensors[0].name); // bias
 */
export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return joinBytes([...partsFor('writeSafetensors', tensors, metadata)]);
}

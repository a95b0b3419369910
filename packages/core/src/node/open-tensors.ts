import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openShards } from '../tensor-files/open-shards.ts';
import { openPytorch } from '../tensor-files/pytorch/open-pytorch.ts';
import { openSafetensors } from '../tensor-files/safetensors/open-safetensors.ts';
import type { TensorFile } from '../tensor-files/tensor-file.ts';
import { fileSource } from './file-source.ts';

/**
 * Opens a file of weights for reading one tensor at a time: `.safetensors`, `.bin` (or `.pt`, `.pth`) as PyTorch writes
 * it, or the `.index.json` of weights in several such files, which lie beside it.
 *
 * @throws {KdError} NOT_FOUND if there is no such file
 * @throws {KdError} INVALID_DATA or UNSUPPORTED as `openSafetensors`, `openPytorch` and `openShards` say
 *
 * @example
 * import { writeSafetensors } from '@kd/core';
 * import { openTensors, writeFileAtomic } from '@kd/core/node';
 * const bias = { name: 'bias', shape: [2], data: Float32Array.of(0, 1) };
 * await writeFileAtomic('model.safetensors', writeSafetensors([bias]));
 * const file = await openTensors('model.safetensors');
 * console.log((await file.read('bias')).data); // Float32Array(2) [ 0, 1 ]
 * await file.close();
 */
export async function openTensors(path: string): Promise<TensorFile> {
  if (path.endsWith('.index.json')) {
    return openShards(await readFile(path, 'utf8'), (file) => openTensors(join(dirname(path), file)));
  }
  const source = await fileSource(path);
  try {
    return await (path.endsWith('.safetensors') ? openSafetensors(source) : openPytorch(source));
  } catch (error) {
    await source.close();
    throw error;
  }
}

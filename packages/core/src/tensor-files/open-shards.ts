import { KdError } from '../errors.ts';
import { duplicateKey } from './duplicate-key.ts';
import { findTensor, type TensorFile, type TensorInfo } from './tensor-file.ts';

const MAX_SHARDS = 10_000; // far above any real model: a made-up index must not open files without end

/** Where each tensor is, by the index. */
function parseIndex(index: string): Map<string, string> {
  const invalid = (why: string, cause?: unknown): KdError =>
    new KdError('INVALID_DATA', `openShards: ${why}`, {}, { cause });
  let map: unknown;
  try {
    map = (JSON.parse(index) as { weight_map?: unknown } | null)?.weight_map;
  } catch (cause) {
    throw invalid('the index is not JSON', cause);
  }
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw invalid('the index has no weight_map');
  const twice = duplicateKey(index);
  if (twice !== undefined) throw invalid(`the index has '${twice}' twice`);
  for (const [name, file] of Object.entries(map)) {
    // A file of the same folder and no other: an index is someone else's, and must not reach around.
    if (typeof file === 'string' && /^[^/\\:\0]+$/.test(file) && !/^\.+$/.test(file)) continue;
    throw invalid(`'${name}' is in ${JSON.stringify(file)}, which is no name of a file beside the index`);
  }
  return new Map(Object.entries(map as Record<string, string>));
}

/**
 * Opens weights that are spread over several files, by their index (`model.safetensors.index.json` or
 * `pytorch_model.bin.index.json`), as one.
 *
 * @param index the content of the index: JSON with `weight_map`, file names by tensor name
 * @param open opens one shard by its file name, for which the index vouches only that it has no folder in it
 * @returns tensors in the order of the index; closing it closes the shards
 * @throws {KdError} INVALID_DATA if the index is not one, or a tensor is not in its shard, or a shard holds one that the
 *   index does not know
 *
 * @example
 * import { bytesSource, openSafetensors, openShards, writeSafetensors } from '@kd/core';
 * const shard = writeSafetensors([{ name: 'bias', shape: [2], data: Float32Array.of(0, 1) }]);
 * const index = '{ "weight_map": { "bias": "model-00001-of-00001.safetensors" } }';
 * const file = await openShards(index, () => openSafetensors(bytesSource(shard)));
 * console.log((await file.read('bias')).data); // Float32Array(2) [ 0, 1 ]
 */
export async function openShards(index: string, open: (file: string) => Promise<TensorFile>): Promise<TensorFile> {
  const map = parseIndex(index);
  const files = new Set(map.values());
  const invalid = (why: string): KdError => new KdError('INVALID_DATA', `openShards: ${why}`);
  if (files.size > MAX_SHARDS) throw invalid(`${files.size} shards are more than ${MAX_SHARDS}`);
  const shards = new Map<string, TensorFile>();
  const infos = new Map<string, TensorInfo>();
  const close = async (): Promise<void> => {
    for (const shard of shards.values()) await shard.close();
  };
  try {
    for (const file of files) {
      const shard = await open(file);
      shards.set(file, shard);
      for (const info of shard.tensors) {
        const place = map.get(info.name);
        if (place === undefined) throw invalid(`'${info.name}' is in ${file}, but not in the index`);
        if (place === file) infos.set(info.name, info);
      }
    }
    const missing = [...map].find(([name]) => !infos.has(name));
    if (missing) throw invalid(`'${missing[0]}' is not in ${missing[1]}, where the index has it`);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    tensors: [...map.keys()].map((name) => infos.get(name)!),
    metadata: shards.values().next().value?.metadata ?? {},
    read: async (name) => shards.get(findTensor('openShards', map, name))!.read(name),
    close,
  };
}

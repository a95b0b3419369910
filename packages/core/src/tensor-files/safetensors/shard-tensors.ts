import { KdError } from '../../errors.ts';
import type { NamedTensor } from '../tensor-file.ts';
import { bytesPerValue, typeOf } from '../tensor-values.ts';

export interface ShardTensorsOptions {
  /** Largest size of a shard's values, in bytes; a single tensor may be larger. @default 5e9 */
  maxShardBytes?: number;
  /** Name of the file, or of the shards. @default 'model' */
  name?: string;
}

/** Which tensors go into which file. */
export interface ShardedTensors {
  /** File name and tensors, for `safetensorsParts`. */
  files: { file: string; tensors: NamedTensor[] }[];
  /** Name and content of the index; absent for a single file. */
  index?: { file: string; content: string };
}

/**
 * Splits tensors into files that are not too large, as Hugging Face does: in the given order, a new file where the
 * next tensor would not fit.
 *
 * @returns one `model.safetensors`; or `model-00001-of-0000n.safetensors` … and `model.safetensors.index.json`
 * @throws {KdError} INVALID_ARGUMENT if the size is not positive or a tensor's type does not fit its values
 *
 * Reference: `split_state_dict_into_shards_factory` of huggingface_hub.
 *
 * @example
 * import { shardTensors } from '@kd/core';
 * const tensors = ['a', 'b'].map((name) => ({ name, shape: [2], data: new Float32Array(2) }));
 * const { files } = shardTensors(tensors, { maxShardBytes: 8 });
 * console.log(files.map(({ file }) => file)); // [ 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors' ]
 */
export function shardTensors(
  tensors: readonly NamedTensor[],
  { maxShardBytes = 5e9, name = 'model' }: ShardTensorsOptions = {},
): ShardedTensors {
  if (!(maxShardBytes > 0)) {
    throw new KdError('INVALID_ARGUMENT', `shardTensors: maxShardBytes must be > 0, got ${maxShardBytes}`, {
      maxShardBytes,
    });
  }
  const shards: NamedTensor[][] = [[]];
  let inShard = 0;
  let total = 0;
  for (const tensor of tensors) {
    const bytes = tensor.data.length * bytesPerValue(typeOf('shardTensors', tensor));
    if (inShard > 0 && inShard + bytes > maxShardBytes) {
      shards.push([]);
      inShard = 0;
    }
    shards.at(-1)!.push(tensor);
    inShard += bytes;
    total += bytes;
  }
  if (shards.length === 1) return { files: [{ file: `${name}.safetensors`, tensors: shards[0]! }] };
  const digits = (n: number): string => String(n).padStart(5, '0');
  const files = shards.map((shard, i) => {
    return { file: `${name}-${digits(i + 1)}-of-${digits(shards.length)}.safetensors`, tensors: shard };
  });
  const places = files.flatMap(({ file, tensors }) => tensors.map((tensor) => [tensor.name, file]));
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(places) };
  return { files, index: { file: `${name}.safetensors.index.json`, content: `${JSON.stringify(index, null, 2)}\n` } };
}

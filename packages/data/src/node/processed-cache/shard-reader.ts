import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import type { Manifest } from './manifest.ts';

const MAX_OPEN_FILES = 32; // systems allow a process 256 or more

/** Reads images out of the shards of a cache, one range of a file each. */
export interface ShardReader {
  /** Rows in all shards. */
  readonly rows: number;
  /** Reads an image, into `target` from `at` on if that is given. */
  read(row: number, target?: Uint8Array, at?: number): Uint8Array;
  close(): void;
}

export function shardReader(folder: string, { shards, imageShape }: Manifest): ShardReader {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  const rows = shards.reduce((sum, shard) => sum + shard.rows, 0);
  const first = shards[0]?.rows ?? 1;
  const open = new Map<number, number>(); // shard to file, the one used longest ago first
  let closed = false;

  function fileOf(shard: number): number {
    if (closed)
      throw new KdError('INVALID_ARGUMENT', 'processedDataset: the dataset is closed; open it again', { folder });
    let file = open.get(shard);
    open.delete(shard);
    if (open.size >= MAX_OPEN_FILES) {
      const [oldest, idle] = open.entries().next().value!;
      closeSync(idle);
      open.delete(oldest);
    }
    file ??= openSync(join(folder, shards[shard]!.file), 'r');
    open.set(shard, file);
    return file;
  }

  return {
    rows,
    read(row, target = new Uint8Array(size), at = 0) {
      const shard = Math.floor(row / first); // all shards but the last have as many rows
      const { pixels, file } = shards[shard]!;
      const start = pixels + (row - shard * first) * size;
      for (let done = 0; done < size; ) {
        const count = readSync(fileOf(shard), target, at + done, size - done, start + done);
        if (count === 0) {
          throw new KdError(
            'INVALID_DATA',
            `processedDataset: ${join(folder, file)} ends within row ${row}; delete it`,
            {
              folder,
              file,
              row,
            },
          );
        }
        done += count;
      }
      return target;
    },
    close() {
      closed = true;
      for (const file of open.values()) closeSync(file);
      open.clear();
    },
  };
}

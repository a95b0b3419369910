import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KdError, type NamedTensor, readSafetensors, writeSafetensors } from '@kd/core';
import { writeFolderAtomic } from '@kd/core/node';
import type { Checkpoint, CheckpointStore, TrainerState } from '../loop/checkpoint.ts';

const MANIFEST = 'manifest.json';

export interface CheckpointFolderOptions {
  /** How many of the newest checkpoints stay, >= 1. @default 1 */
  keep?: number;
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** JSON has no infinities; a best value that is not there yet is one. */
function toJson(state: TrainerState): string {
  const text = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
  return `${JSON.stringify(state, text, 2)}\n`;
}

function fromJson(text: string): TrainerState {
  return JSON.parse(text, (_, value) =>
    typeof value === 'object' && value !== null && typeof value.number === 'string' ? Number(value.number) : value,
  );
}

/** `checkpoint-<step>` folders, oldest first. */
async function list(folder: string): Promise<{ step: number; path: string }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const match = /^checkpoint-(\d+)$/.exec(name);
      return match ? [{ step: Number(match[1]), path: join(folder, name) }] : [];
    })
    .sort((a, b) => a.step - b.step);
}

/** Reads a checkpoint whose files are all there with the bytes that were written. */
async function read(path: string): Promise<Checkpoint> {
  const manifest = JSON.parse(await readFile(join(path, MANIFEST), 'utf8')) as Record<string, string>;
  const files: Record<string, Buffer> = {};
  for (const [name, expected] of Object.entries(manifest)) {
    const content = await readFile(join(path, name));
    if (sha256(content) !== expected) throw new Error(`${name} is not what was written`);
    files[name] = content;
  }
  const tensors = (name: string): NamedTensor[] => readSafetensors(files[name]!).tensors;
  return {
    state: fromJson(files['trainer_state.json']!.toString('utf8')),
    model: tensors('model.safetensors'),
    optimizer: tensors('optimizer.safetensors'),
    best: tensors('best.safetensors'),
  };
}

/**
 * Keeps checkpoints in `<folder>/checkpoint-<step>/`: `model.safetensors`, `optimizer.safetensors`, `best.safetensors`,
 * `trainer_state.json`, and `manifest.json` with the SHA-256 of each. A checkpoint appears whole or not at all, and older
 * ones are removed only after that, as are those of an earlier run in the same folder; one that was damaged later is
 * passed over for an older one, if `keep` has left any.
 *
 * @throws {KdError} INVALID_DATA from `load` if there are checkpoints but none is whole
 *
 * @example
 * import { checkpointFolder } from '@kd/train/node';
 * const checkpoints = checkpointFolder('runs/none-yet');
 * console.log(await checkpoints.load()); // undefined
 */
export function checkpointFolder(folder: string, { keep = 1 }: CheckpointFolderOptions = {}): CheckpointStore {
  return {
    async save({ state, model, optimizer, best }) {
      const path = join(folder, `checkpoint-${state.step}`);
      const files: Record<string, string | Uint8Array> = {
        'model.safetensors': writeSafetensors(model),
        'optimizer.safetensors': writeSafetensors(optimizer),
        'best.safetensors': writeSafetensors(best),
        'trainer_state.json': toJson(state),
      };
      const manifest = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]));
      await writeFolderAtomic(path, { ...files, [MANIFEST]: `${JSON.stringify(manifest, null, 2)}\n` });
      const others = (await list(folder)).filter(({ step }) => step !== state.step);
      // A run's steps only grow: what is ahead of this one is another run's, and would be taken for the newest.
      const ahead = others.filter(({ step }) => step > state.step);
      const older = others.filter(({ step }) => step < state.step);
      for (const { path: old } of [...ahead, ...older.slice(0, Math.max(0, older.length - (keep - 1)))]) {
        await rm(old, { recursive: true, force: true });
      }
      return path;
    },
    async load() {
      const found = await list(folder);
      const damaged: string[] = [];
      for (const { path } of found.reverse()) {
        try {
          return await read(path);
        } catch (error) {
          damaged.push(`${path}: ${(error as Error).message}`);
        }
      }
      if (damaged.length === 0) return undefined;
      throw new KdError('INVALID_DATA', `checkpointFolder: no whole checkpoint in '${folder}': ${damaged.join('; ')}`, {
        folder,
      });
    },
  };
}

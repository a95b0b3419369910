import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KdError, type NamedTensor, readSafetensors, writeSafetensors } from '@kd/core';
import { listLeftovers, writeFolderAtomic } from '@kd/core/node';
import type { Checkpoint, CheckpointStore, TrainerState } from '../loop/checkpoint.ts';
import { lockFolder } from './folder-lock.ts';

const MANIFEST = 'manifest.json';
const CHECKPOINT = /^checkpoint-(\d+)$/;

export interface CheckpointFolderOptions {
  /** How many of the newest checkpoints stay, >= 1. @default 1 */
  keep?: number;
  /** What else goes into each checkpoint, by file name: the model's `config.json`, its processor. @default {} */
  files?: Readonly<Record<string, string>>;
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
      const match = CHECKPOINT.exec(name);
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
    ema: tensors('ema.safetensors'),
    best: tensors('best.safetensors'),
  };
}

/**
 * One checkpoint, by its path.
 *
 * @throws {KdError} INVALID_DATA if it is not there, or damaged
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  try {
    return await read(path);
  } catch (cause) {
    const { message } = cause as Error;
    throw new KdError(
      'INVALID_DATA',
      `readCheckpoint: '${path}' is no whole checkpoint: ${message}`,
      { path },
      { cause },
    );
  }
}

const isWhole = (path: string): Promise<boolean> =>
  read(path).then(
    () => true,
    () => false,
  );

/**
 * Clears up behind writes that were killed. A checkpoint replaces one of the same step in two renames: killed between them,
 * either of the two is only beside its place, and is put there.
 */
async function recover(folder: string): Promise<void> {
  const there = new Set((await list(folder)).map(({ path }) => path));
  for (const { target, path: left } of await listLeftovers(folder)) {
    if (!CHECKPOINT.test(target)) continue; // of others, who may be writing
    const path = join(folder, target);
    if (there.has(path) || !(await isWhole(left))) await rm(left, { recursive: true, force: true });
    else {
      await rename(left, path);
      there.add(path);
    }
  }
}

/**
 * Keeps checkpoints in `<folder>/checkpoint-<step>/`: `model.safetensors`, `optimizer.safetensors`, `ema.safetensors`,
 * `best.safetensors`, `trainer_state.json`, and `manifest.json` with the SHA-256 of each. A checkpoint appears whole or not
 * at all, and older ones are removed only after that, as are those of an earlier run in the same folder; one that was
 * damaged later is passed over for an older one, if `keep` has left any.
 *
 * While a run goes on, `.lock` keeps others out of the folder; that of a process that was killed counts for nothing. What
 * killed writes have left is cleared up when the next run starts.
 *
 * @throws {KdError} INVALID_DATA from `load` if there are checkpoints but none is whole; from `open` UNAVAILABLE if another
 *   run writes to the folder, ACCESS_DENIED if it cannot be written to
 *
 * @example
 * import { checkpointFolder } from '@kd/train/node';
 * const checkpoints = checkpointFolder('runs/none-yet');
 * console.log(await checkpoints.load()); // undefined
 */
export function checkpointFolder(
  folder: string,
  { keep = 1, files: more = {} }: CheckpointFolderOptions = {},
): CheckpointStore {
  let release: (() => void) | undefined;
  return {
    async open() {
      const unlock = lockFolder(folder);
      try {
        await recover(folder);
      } catch (error) {
        unlock();
        throw error;
      }
      release = unlock;
    },
    async close() {
      release?.();
      release = undefined;
    },
    async save({ state, model, optimizer, ema, best }) {
      const path = join(folder, `checkpoint-${state.global_step}`);
      const others = (await list(folder)).filter(({ step }) => step !== state.global_step);
      // A run's steps only grow: what is ahead of this one is another run's, and would be taken for the newest.
      const ahead = others.filter(({ step }) => step > state.global_step);
      const older = others.filter(({ step }) => step < state.global_step);
      const going = [...ahead, ...older.slice(0, Math.max(0, older.length - (keep - 1)))];
      const best_model_checkpoint =
        [path, ...older.filter((each) => !going.includes(each)).map((each) => each.path)].find(
          (each) => each === join(folder, `checkpoint-${state.best_global_step}`),
        ) ?? null;
      const files: Record<string, string | Uint8Array> = {
        ...more,
        'model.safetensors': writeSafetensors(model),
        'optimizer.safetensors': writeSafetensors(optimizer),
        'ema.safetensors': writeSafetensors(ema),
        'best.safetensors': writeSafetensors(best),
        'trainer_state.json': toJson({ ...state, best_model_checkpoint }),
      };
      const manifest = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]));
      await writeFolderAtomic(path, { ...files, [MANIFEST]: `${JSON.stringify(manifest, null, 2)}\n` });
      for (const { path: old } of going) {
        await rm(old, { recursive: true, force: true });
      }
      return path;
    },
    async load() {
      const found = await list(folder);
      const damaged: string[] = [];
      for (const { path } of found.reverse()) {
        try {
          return { ...(await read(path)), path };
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

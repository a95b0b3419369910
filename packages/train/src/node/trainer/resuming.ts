import { basename } from 'node:path';
import { KdError } from '@kd/core';
import type { Checkpoint, CheckpointStore } from '../../loop/checkpoint.ts';
import { checkpointFolder, readCheckpoint } from '../checkpoint-folder.ts';

/**
 * A store whose `load` gives what `resumeFromCheckpoint` asks for: the newest checkpoint of the run's own folder, or of another
 * one, or the one at a path. Unlike `train`, and as transformers does, it wants one to be there.
 */
export function resuming(
  caller: string,
  store: CheckpointStore,
  outputDir: string,
  from: true | string,
): CheckpointStore {
  async function load(): Promise<Checkpoint> {
    const saved =
      from === true
        ? await store.load()
        : /^checkpoint-\d+$/.test(basename(from))
          ? await readCheckpoint(from)
          : await checkpointFolder(from).load();
    if (saved) return saved;
    const where = from === true ? `outputDir '${outputDir}'` : `'${from}'`;
    throw new KdError(
      'NOT_FOUND',
      `${caller}: resumeFromCheckpoint is ${JSON.stringify(from)}, but there is no checkpoint in ${where}; leave it out to start anew`,
      { outputDir, from },
    );
  }
  return { ...store, load };
}

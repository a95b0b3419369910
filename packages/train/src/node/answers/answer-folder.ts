import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { listLeftovers, writeFileAtomic } from '@kd/core/node';
import type { AnswerFolder, AnswerTable } from '../../teachers/answer-folder.ts';
import { decodeTable, encodeTable } from './answer-table.ts';

export interface AnswerFolderOptions {
  /** Told of a file that is damaged and left out: its answers are asked for again. */
  onWarning?: (message: string) => void;
}

/** Seconds after which a file that is still beside its place has been left by a write that was killed. */
const LEFTOVER_AGE = 3600;
const PART = /^answers-([0-9a-f]{64})\.arrow$/;
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/**
 * Keeps a teacher's answers on disk, for `cachedTeacher`: a folder for each teacher and source, with a `key.json` that
 * says whose answers they are and Arrow files that carry their SHA-256 in their name. Files are only ever added, each
 * written whole or not at all, so two runs may use the same folder at once.
 *
 * @param path made when there is something to write
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { cachedTeacher, modelTeacher } from '@kd/train';
 * import { answerFolder } from '@kd/train/node';
 * const model = mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] });
 * const teacher = cachedTeacher(modelTeacher(model), { folder: answerFolder('runs/cache') });
 * console.log(teacher.counts.asked); // 0
 */
export function answerFolder(path: string, { onWarning }: AnswerFolderOptions = {}): AnswerFolder {
  return {
    async open(key) {
      const text = `${JSON.stringify({ format: 1, ...key }, null, 2)}\n`;
      const folder = join(path, sha256(text).slice(0, 32));
      const known = await readFile(join(folder, 'key.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (known !== undefined && known !== text) {
        throw new KdError(
          'MISMATCH',
          `answerFolder: ${folder}: key.json is not that of these answers; delete the folder`,
          {
            folder,
          },
        );
      }
      return {
        read: () => (known === undefined ? Promise.resolve([]) : readParts(folder, onWarning)),
        async append(answers) {
          if (answers.ids.length === 0) return;
          const bytes = await encodeTable(answers);
          await writeFileAtomic(join(folder, 'key.json'), text);
          await writeFileAtomic(join(folder, `answers-${sha256(bytes)}.arrow`), bytes);
        },
      };
    },
  };
}

async function readParts(folder: string, onWarning?: (message: string) => void): Promise<AnswerTable[]> {
  const answers: AnswerTable[] = [];
  for (const { path, age } of await listLeftovers(folder)) {
    if (age > LEFTOVER_AGE) await rm(path, { force: true });
  }
  for (const name of (await readdir(folder)).sort()) {
    const expected = PART.exec(name)?.[1];
    if (!expected) continue;
    const bytes = await readFile(join(folder, name));
    if (sha256(bytes) === expected) answers.push(await decodeTable(join(folder, name), bytes));
    else onWarning?.(`answerFolder: ${join(folder, name)} is not what was written; its answers are asked for again`);
  }
  return answers;
}

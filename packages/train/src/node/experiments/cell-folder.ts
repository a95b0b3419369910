import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { KdError } from '@kd/core';
import { writeFileAtomic } from '@kd/core/node';
import { predictions as argmax } from '@kd/metrics';
import type { ArmSettings, Cell } from '../../experiments/arm.ts';
import type { Predictions } from '../../loop/ask-loader.ts';
import { encodePredictions, readPredictions } from '../predictions-file.ts';

const SETTINGS = 'settings.json';
const RESULT = 'result.json';
/** Not `predictions.safetensors`, which a run may keep of its validation images. */
const PREDICTIONS = 'result.safetensors';

/** What stands in `result.json`: a cell without its predictions, and what ties it to their file. */
interface StoredCell extends Omit<Cell, 'hits'> {
  version: 1;
  /** SHA-256 of the file with the predictions. */
  predictions?: string;
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Looks whether a run is done already, and makes its folder ready if it is not.
 *
 * @returns the run, if it was finished with the same settings and its files are whole
 * @throws {KdError} MISMATCH if something was done there with other settings, unless these may be run again
 */
export async function openCell(
  caller: string,
  folder: string,
  settings: ArmSettings,
  ifChanged: 'refuse' | 'run-again',
): Promise<Cell | undefined> {
  const before = await readJson<ArmSettings>(join(folder, SETTINGS));
  if (before && !isDeepStrictEqual(before, settings)) {
    if (ifChanged === 'refuse') {
      const names = [...new Set([...Object.keys(before), ...Object.keys(settings)])];
      const changed = names.filter((name) => !isDeepStrictEqual(before[name], settings[name]));
      const was = changed.map((n) => `${n} was ${JSON.stringify(before[n])}, is ${JSON.stringify(settings[n])}`);
      throw new KdError(
        'MISMATCH',
        `${caller}: '${folder}' was run with other settings: ${was.join('; ')}; take another outputDir or name, or pass ` +
          "ifChanged: 'run-again' to throw away what is there",
        { folder, changed },
      );
    }
    await rm(folder, { recursive: true });
  } else if (before) {
    const cell = await readCell(folder);
    if (cell) return cell;
  }
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, SETTINGS), json(settings));
  return undefined;
}

/** A finished run; undefined if it is not finished, or its files are damaged. */
export async function readCell(folder: string): Promise<Cell | undefined> {
  const stored = await readJson<StoredCell>(join(folder, RESULT));
  if (stored?.version !== 1) return undefined;
  const { version: _, predictions: expected, ...cell } = stored;
  if (expected === undefined) return cell;
  const bytes = await readFile(join(folder, PREDICTIONS)).catch(() => undefined);
  if (!bytes || sha256(bytes) !== expected) return undefined;
  const { logits, labels } = await readPredictions(join(folder, PREDICTIONS));
  return { ...cell, hits: hitsOf(logits, labels!) }; // there: it is the file that was written
}

/** Writes a finished run. The result comes last: while it is not there, the run is not done. */
export async function writeCell(folder: string, cell: Omit<Cell, 'hits'>, predictions?: Predictions): Promise<void> {
  const stored: StoredCell = { version: 1, ...cell };
  if (predictions) {
    const bytes = encodePredictions(predictions);
    await writeFileAtomic(join(folder, PREDICTIONS), bytes);
    stored.predictions = sha256(bytes);
  }
  await writeFileAtomic(join(folder, RESULT), json(stored));
}

/** Which samples were answered right. */
export function hitsOf(logits: Float32Array, labels: Int32Array): Uint8Array {
  const answers = argmax(logits, labels.length);
  return Uint8Array.from(labels, (label, i) => (label === answers[i] ? 1 : 0));
}

/** Of ids and labels, in order. */
export function samplesOf({ ids, labels }: Predictions): string {
  return sha256(JSON.stringify([ids, Array.from(labels ?? [])]));
}

import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KdError } from '@kd/core';
import type { LogEntry } from '../loop/train-result.ts';
import type { ReportBaseline } from '../report/run/run-report.ts';
import { readPredictions } from './predictions-file.ts';

export interface ReadBaselineOptions {
  /** What the report calls it. @default the folder's name */
  name?: string;
  /** Takes only lines with these values, where a log has several networks: `{ network: 'scratch' }`. @default all lines */
  where?: Readonly<Record<string, string | number>>;
}

type Line = Record<string, unknown>;

function parseLines(path: string, text: string): Line[] {
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as Line];
    } catch (cause) {
      if (i === lines.length - 1) return []; // broke off when its writer was stopped
      throw new KdError(
        'INVALID_DATA',
        `readBaseline: line ${i + 1} of '${path}' is no JSON; give the metrics.jsonl of a run`,
        { path, line: i + 1 },
        { cause },
      );
    }
  });
}

/** Numbers of each step together; of a step that was done again, the last. */
function mergeSteps(lines: readonly Line[]): LogEntry[] {
  const entries = new Map<number, LogEntry>();
  for (const line of lines) {
    const { epoch, step, ...rest } = line;
    if (typeof epoch !== 'number' || typeof step !== 'number') continue;
    const numbers = Object.entries(rest).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
    entries.set(step, { ...entries.get(step), ...Object.fromEntries(numbers), epoch, step });
  }
  return [...entries.values()].sort((a, b) => a.step - b.step);
}

/**
 * Reads another run for `htmlReport` to compare with: its `metrics.jsonl`, and `predictions.safetensors` beside it if there is
 * one.
 *
 * @param path of the run's folder, or of its `.jsonl` file
 * @throws {KdError} NOT_FOUND if there is no log, or it has no line of an evaluation; INVALID_DATA if a line is no JSON
 *
 * @example
 * import { htmlReport, metricsJsonl, predictionsFile, readBaseline } from '@kd/train/node';
 * // The callbacks of the run to compare with:
 * const watching = [metricsJsonl('runs/scratch/metrics.jsonl'), predictionsFile('runs/scratch/predictions.safetensors')];
 * // And then:
 * const missing = await readBaseline('runs/scratch').catch((error) => error.code);
 * console.log(watching.length, missing); // 2 NOT_FOUND
 */
export async function readBaseline(
  path: string,
  { name, where = {} }: ReadBaselineOptions = {},
): Promise<ReportBaseline> {
  const [folder, log] = path.endsWith('.jsonl') ? [dirname(path), path] : [path, join(path, 'metrics.jsonl')];
  const text = await readFile(log, 'utf8').catch((cause) => {
    throw new KdError('NOT_FOUND', `readBaseline: there is no '${log}'; give a run's folder`, { path: log }, { cause });
  });
  const lines = parseLines(log, text).filter((line) =>
    Object.entries(where).every(([key, value]) => line[key] === value),
  );
  const history = mergeSteps(lines);
  if (!history.some((entry) => 'eval_loss' in entry || 'eval_accuracy' in entry)) {
    throw new KdError(
      'NOT_FOUND',
      `readBaseline: '${log}' has no evaluation${Object.keys(where).length > 0 ? ` where ${JSON.stringify(where)}` : ''}`,
      { path: log, where },
    );
  }
  const predictions = await readPredictions(join(folder, 'predictions.safetensors')).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return { name: name ?? basename(folder), history, ...(predictions ? { predictions } : {}) };
}

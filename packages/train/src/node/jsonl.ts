import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { listLeftovers, writeFileAtomic } from '@kd/core/node';
import type { Callback } from '../callbacks/callback.ts';

/**
 * Appends the metrics of each epoch to a file, one JSON object a line: one for `split` 'train', one for 'validation'. Entries of
 * the log inside of an epoch have lines of their own.
 *
 * When a run starts, lines with the same `extra` that are of later steps than it starts from are removed: those that a run
 * which was killed wrote after its last checkpoint, and which the resumed one writes again; and all those of an earlier run,
 * if it starts anew.
 *
 * @param path made if missing, with its folders
 * @param extra goes into each line, such as which network this is
 *
 * @example
 * import { metricsJsonl } from '@kd/train/node';
 * const callback = metricsJsonl('runs/mnist/metrics.jsonl', { network: 'student' });
 * console.log(typeof callback.onEpochEnd); // function
 */
export function metricsJsonl(path: string, extra: Readonly<Record<string, string | number>> = {}): Callback {
  let evaluatedAt: number | undefined; // the last step with an evaluation inside of an epoch
  return {
    async onTrainBegin({ start }) {
      await cutBack(path, extra, start.step);
    },
    async onLog(entry) {
      // At an epoch's end the epoch has it, and the summary is of no step.
      if (Number.isInteger(entry.epoch) || 'train_runtime' in entry) return;
      if ('eval_loss' in entry) evaluatedAt = entry.step;
      await append(path, linesOf(entry, extra));
    },
    async onEpochEnd(metrics) {
      const names = Object.keys(metrics).filter((name) => evaluatedAt !== metrics.step || !name.startsWith('eval_'));
      const { epoch, step } = metrics;
      await append(
        path,
        linesOf({ epoch, step, ...Object.fromEntries(names.map((name) => [name, metrics[name]!])) }, extra),
      );
    },
  };
}

/** One line for each split that there is something of. */
function linesOf(
  { epoch, step, ...values }: Readonly<Record<string, number | boolean>>,
  extra: Readonly<Record<string, string | number>>,
): string {
  const time = new Date().toISOString();
  const lines = ['train', 'validation'].flatMap((split) => {
    const own = Object.entries(values).filter(([name]) => name.startsWith('eval_') === (split === 'validation'));
    if (own.length === 0) return [];
    return [`${JSON.stringify({ ...extra, epoch, step, split, time, ...Object.fromEntries(own) })}\n`];
  });
  return lines.join('');
}

async function append(path: string, lines: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a');
  try {
    await file.write(lines);
    await file.sync(); // a checkpoint that follows has these lines behind it
  } finally {
    await file.close();
  }
}

/**
 * Removes the lines of a run that are beyond a step, and one that was not written to its end; and what a run has left that
 * was killed while it did so.
 */
async function cutBack(path: string, extra: Readonly<Record<string, string | number>>, step: number): Promise<void> {
  for (const leftover of await listLeftovers(dirname(path))) {
    if (leftover.target === basename(path)) await rm(leftover.path, { force: true });
  }
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  lines.pop(); // what is behind the last line's end: nothing, or a part of one
  const kept = lines.filter((line) => !isBeyond(line, extra, step));
  const whole = kept.map((line) => `${line}\n`).join('');
  if (whole !== text) await writeFileAtomic(path, whole);
}

function isBeyond(line: string, extra: Readonly<Record<string, string | number>>, step: number): boolean {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return false; // not ours
  }
  return Number(entry.step) > step && Object.entries(extra).every(([name, value]) => entry[name] === value);
}

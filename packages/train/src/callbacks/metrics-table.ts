import { KdError } from '@kd/core';
import type { LogEntry } from '../loop/train-result.ts';
import type { Callback } from './callback.ts';

export interface MetricsTableOptions {
  /** Told each line, without its end. */
  write: (line: string) => void;
  /** What rows are counted in. @default 'Epoch' */
  first?: 'Epoch' | 'Step';
}

export interface MetricsTable extends Callback {
  /** All rows so far, as a table of Markdown. */
  markdown(): string;
}

/** Of an evaluation, what is no score. */
const NOT_SHOWN = /_(runtime|samples_per_second|steps_per_second|jit_compilation_time)$/;

/** 'eval_macro_f1' is 'Macro F1', 'eval_loss' is 'Validation Loss'. */
function titleOf(metric: string): string {
  if (metric === 'eval_loss') return 'Validation Loss';
  const words = metric.split('_').slice(1);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()).join(' ');
}

const shown = (value: number | undefined): string => value?.toFixed(6) ?? 'No log';

/**
 * The table that Hugging Face's Trainer shows in a notebook: a row for each evaluation, with the loss of the last log before
 * it ('No log' where `loggingSteps` has not come round), the validation loss, and whatever else was computed. Columns are
 * aligned, and `markdown()` gives the same for a report.
 *
 * Without evaluations it has a row for each log.
 *
 * @throws {KdError} INVALID_ARGUMENT if `write` is no function
 *
 * Reference: NotebookProgressCallback of transformers 4.57.
 *
 * @example
 * import { metricsTable } from '@kd/train';
 * const table = metricsTable({ write: (line) => console.log(line) });
 * await table.onLog?.({ epoch: 1, step: 130, loss: 0.9, learning_rate: 5e-5 });
 * await table.onLog?.({ epoch: 1, step: 130, eval_loss: 0.75, eval_accuracy: 0.625 });
 * // Epoch  Training Loss  Validation Loss  Accuracy
 * //     1       0.900000         0.750000  0.625000
 * console.log(table.markdown().split('\n')[0]); // | Epoch | Training Loss | Validation Loss | Accuracy |
 */
export function metricsTable({ write, first = 'Epoch' }: MetricsTableOptions): MetricsTable {
  if (typeof write !== 'function') {
    throw new KdError('INVALID_ARGUMENT', `metricsTable: write must be a function of a line, got ${typeof write}`);
  }
  const rows: (readonly string[])[] = [];
  let titles: readonly string[] = [];
  let loss: number | undefined;
  let evaluates = true;

  function add({ epoch, step, ...entry }: LogEntry): void {
    const scores = Object.entries(entry).filter(([name]) => name.startsWith('eval_') && !NOT_SHOWN.test(name));
    const now = [first, 'Training Loss', ...scores.map(([name]) => titleOf(name))];
    const count = first === 'Epoch' ? epoch : step;
    rows.push([
      Number.isInteger(count) ? String(count) : count.toFixed(2),
      shown(loss),
      ...scores.map(([, value]) => shown(value)),
    ]);
    if (now.join('\n') !== titles.join('\n')) {
      titles = now;
      write(now.map((title, i) => title.padStart(widthOf(title, i))).join('  '));
    }
    write(
      rows
        .at(-1)!
        .map((cell, i) => cell.padStart(widthOf(titles[i]!, i)))
        .join('  '),
    );
  }

  return {
    onTrainBegin({ validation, logHistory }) {
      evaluates = validation !== undefined;
      loss = logHistory.filter((entry) => 'loss' in entry).at(-1)?.loss;
    },
    onLog(entry) {
      if (entry.loss !== undefined) loss = entry.loss;
      if ('eval_loss' in entry || (!evaluates && 'loss' in entry)) add(entry);
    },
    markdown() {
      const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
      return [line(titles), line(titles.map(() => '---:')), ...rows.map(line)].join('\n');
    },
  };
}

const SCORE = 8; // as wide as 0.123456

const widthOf = (title: string, column: number): number =>
  column === 0 ? title.length : Math.max(SCORE, title.length);

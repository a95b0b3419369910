import type { TrainInfo } from '../../callbacks/callback.ts';
import type { EpochMetrics, TrainResult } from '../../loop/train-result.ts';
import { formatBytes, formatClock, formatCount } from '../../report/format.ts';

/** Four digits, in a width that hardly changes: 0.4321, 12.35, 1.2e-5. */
export function lossText(value: number): string {
  if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4)) return value.toPrecision(4);
  return value.toExponential(1);
}

export const percentText = (share: number): string => `${(100 * share).toFixed(2)}%`;

const epochText = (epoch: number): string => String(Number(epoch.toFixed(2)));

function metricText(name: string, value: number): string {
  return `${name} ${/accuracy$/.test(name) ? percentText(value) : lossText(value)}`;
}

/** Has a place of its own in the line, or none. */
const LEFT_OUT = /^(epoch|step|is_best|best_reloaded|epoch_runtime)$|_runtime$|_per_second$/;

/** 'Epoch 3/10  train_loss 0.4321  eval_accuracy 91.20%  0:12  best, kept' */
export function epochLine(metrics: EpochMetrics, { epochs }: TrainInfo): string {
  const numbers = Object.entries(metrics).flatMap(([name, value]) =>
    typeof value === 'number' && !LEFT_OUT.test(name) ? [metricText(name, value)] : [],
  );
  const notes = [metrics.is_best && 'best, kept', metrics.best_reloaded && 'rate dropped, best reloaded'];
  const line = [
    `Epoch ${epochText(metrics.epoch)}/${epochs}`,
    ...numbers,
    formatClock(metrics.epoch_runtime),
    ...notes.filter((note) => note !== false),
  ];
  return line.join('  ');
}

/** 'Trained 10 epochs, 2,190 steps in 3:08, 1,034 samples/s; peak memory 1.6 GB' */
export function endLine(result: TrainResult, peakMemory: number): string {
  const { stopped, reason, epoch, steps, train_runtime, train_samples_per_second, best } = result;
  const how = {
    finished: 'Trained',
    early: `Ended early${reason === undefined ? '' : ` (${reason})`} after`,
    aborted: 'Stopped after',
  }[stopped];
  const epochs = `${epochText(epoch)} ${epoch === 1 ? 'epoch' : 'epochs'}`;
  const kept = best ? `; the weights are those of epoch ${epochText(best.epoch)}` : '';
  return (
    `${how} ${epochs}, ${formatCount(steps)} steps in ${formatClock(train_runtime)}, ` +
    `${formatCount(train_samples_per_second)} samples/s; peak memory ${formatBytes(peakMemory)}${kept}`
  );
}

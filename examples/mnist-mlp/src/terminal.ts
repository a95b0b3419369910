import type { Callback, EpochMetrics, TrainInfo } from '@kd/train';
import { progressBar } from '@kd/train/node';
import { percent } from './format.ts';

/** What is printed while a run goes on. */
export interface Screen {
  /** A line that stays. */
  print(line?: string): void;
  /** Shows how training goes; lines that are printed meanwhile stand above it. */
  progress(): Callback;
}

export function createScreen(stream: NodeJS.WriteStream): Screen {
  return {
    print: (line = '') => {
      stream.write(`${line}\n`);
    },
    progress: () => progressBar({ stream, epochLine, endLine: false }),
  };
}

/** One epoch in the words of the notebook. A distilled student's training loss is its objective, not a cross-entropy. */
function epochLine(metrics: EpochMetrics, { epochs, objective }: TrainInfo): string {
  const { epoch, learning_rate, train_loss, train_accuracy, eval_loss, eval_accuracy, epoch_runtime } = metrics;
  const note = metrics.best_reloaded ? '  rate dropped, best reloaded' : metrics.is_best ? '  best, kept' : '';
  const loss = objective === 'classification' ? 'loss' : 'objective';
  return (
    `Epoch ${epoch}/${epochs}  lr ${learning_rate.toExponential(1)}  ` +
    `train ${loss} ${train_loss.toFixed(4)}, ${percent(train_accuracy as number)}  ` +
    `validation loss ${(eval_loss as number).toFixed(4)}, ${percent(eval_accuracy as number)}  ` +
    `${(epoch_runtime / 60).toFixed(2)} min${note}`
  );
}

import type { Callback, EpochMetrics } from '@kd/train';
import { clock, count, percent } from './format.ts';

/** What is printed while a run goes on; a terminal gets a line that is rewritten, a file plain lines. */
export interface Screen {
  /** A line that stays. */
  print(line?: string): void;
  /** A line that the next one replaces. Without a terminal, shown every ten seconds. */
  progress(line: string): void;
}

const QUIET = 10_000; // ms between progress lines in a file

export function createScreen(stream: NodeJS.WriteStream): Screen {
  let open = false;
  let last = performance.now();
  return {
    print(line = '') {
      if (open) stream.write('\r\x1b[2K');
      open = false;
      stream.write(`${line}\n`);
    },
    progress(line) {
      const now = performance.now();
      if (now - last < (stream.isTTY ? 100 : QUIET)) return;
      last = now;
      if (stream.isTTY) {
        stream.write(`\r\x1b[2K${line.slice(0, (stream.columns ?? 80) - 1)}`);
        open = true;
      } else {
        stream.write(`${line}\n`);
      }
    },
  };
}

function bar(share: number, width = 12): string {
  const done = Math.round(share * width);
  return `[${'='.repeat(done)}${' '.repeat(width - done)}]`;
}

/** One epoch in the words of the notebook. A distilled student's training loss is its objective, not a cross-entropy. */
function epochLine(metrics: EpochMetrics, epochs: number, objective: string): string {
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

/** Progress bar with rate, time left, loss and accuracy, and a line for each epoch. */
export function progressCallback(screen: Screen): Callback {
  let epochs = 0;
  let objective = '';
  let samplesPerEpoch = 0;
  let epochStart = 0;
  return {
    onTrainBegin(info) {
      ({ epochs, objective, samplesPerEpoch } = info);
      epochStart = performance.now();
      const { epoch, batch } = info.start;
      if (epoch > 0 || batch > 0) screen.print(`Resumed at epoch ${epoch + 1}, batch ${batch + 1}`);
    },
    onStepEnd({ epoch, samples, samplesThisRun, running }) {
      const rate = samplesThisRun / ((performance.now() - epochStart) / 1000);
      const left = (samplesPerEpoch - samples + (epochs - epoch - 1) * samplesPerEpoch) / rate;
      screen.progress(
        `Epoch ${epoch + 1}/${epochs} ${bar(samples / samplesPerEpoch)} ${Math.floor((100 * samples) / samplesPerEpoch)} % ` +
          `${count(rate)} img/s ETA ${clock(left)} loss ${running.train_loss!.toFixed(3)} acc ${percent(running.train_accuracy!)}`,
      );
    },
    onEvaluateProgress(done, total) {
      screen.progress(`Validation ${bar(done / total)} ${count(done)}/${count(total)}`);
    },
    onEpochEnd(metrics) {
      screen.print(epochLine(metrics, epochs, objective));
      epochStart = performance.now();
    },
  };
}

import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Callback } from '../../callbacks/callback.ts';
import { type EventFile, openEventFile } from './event-file.ts';
import type { HyperParameters } from './hparams.ts';

export interface TensorBoardOptions {
  /** Steps between two points of the training curves, >= 1. @default 10 */
  loggingSteps?: number;
  /** Histograms of all weights after each epoch. @default false */
  histograms?: boolean;
  /** What the run was started with: shown as text, and as a row of the table of hyper-parameters. */
  config?: Readonly<Record<string, unknown>>;
  /** Scalars that are that table's results. @default eval/loss and eval/accuracy */
  metrics?: readonly string[];
  /** PNG files to show, by tag: sheets of samples. */
  images?: Readonly<Record<string, Uint8Array>>;
}

// As Hugging Face's TensorBoardCallback names them.
function tagOf(metric: string): string {
  for (const prefix of ['eval', 'test', 'train']) {
    if (metric.startsWith(`${prefix}_`)) return `${prefix}/${metric.slice(prefix.length + 1)}`;
  }
  return `train/${metric}`;
}

function flatten(value: unknown, name: string, into: Record<string, HyperParameters[string]>): void {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') into[name] = value;
  else if (Array.isArray(value)) into[name] = JSON.stringify(value);
  else if (value && typeof value === 'object') {
    for (const [key, each] of Object.entries(value)) flatten(each, name ? `${name}.${key}` : key, into);
  }
}

function writeConfig(events: EventFile, config: Readonly<Record<string, unknown>>, metrics: readonly string[]): void {
  const parameters: Record<string, HyperParameters[string]> = {};
  flatten(config, '', parameters);
  const indented = JSON.stringify(config, null, 2).replace(/^/gm, '    '); // Markdown shows it as code
  events.text('config', indented, 0);
  events.hyperParameters(parameters, metrics);
}

async function writeHistograms(events: EventFile, model: LayersModel, step: number): Promise<void> {
  for (const { name, variable } of namedVariables(model)) events.histogram(name, await variable.data(), step);
}

/**
 * Writes what TensorBoard shows: `tensorboard --logdir <folder>`. Tags are those of Hugging Face's Trainer: `train/loss`,
 * `train/learning_rate`, `eval/loss`, `eval/accuracy` …
 *
 * `train/loss` is the mean over the steps since the point before. A resumed run goes on in a file of its own, and
 * TensorBoard drops what had been written beyond the checkpoint.
 *
 * @param folder made if missing
 *
 * @example
 * import { tensorBoard } from '@kd/train/node';
 * const callback = tensorBoard('runs/mnist/logs', { loggingSteps: 50 });
 * console.log(typeof callback.onStepEnd); // function
 */
export function tensorBoard(folder: string, options: TensorBoardOptions = {}): Callback {
  const {
    loggingSteps = 10,
    histograms = false,
    config,
    metrics = ['eval/loss', 'eval/accuracy'],
    images = {},
  } = options;
  let events: EventFile | undefined;
  let model: LayersModel | undefined;
  let sum = 0;
  let steps = 0;
  let evaluatedAt: number | undefined; // the last step with an evaluation inside of an epoch
  return {
    name: 'tensorBoard',
    state: () => ({ sum, steps }),
    restore(state) {
      [sum, steps] = [state.sum!, state.steps!];
    },
    onTrainBegin(info) {
      model = info.model;
      const resumed = info.start.step > 0;
      events = openEventFile(folder, { fromStep: resumed ? info.start.step + 1 : 0 });
      if (config) writeConfig(events, config, metrics);
      if (resumed) return;
      for (const [tag, png] of Object.entries(images)) events.image(tag, png, 0);
    },
    onStepEnd({ step, loss, learningRate, gradNorm, skipped }) {
      if (!skipped) {
        sum += loss;
        steps += 1;
      }
      if (step % loggingSteps !== 0) return;
      if (steps > 0) events?.scalar('train/loss', sum / steps, step);
      events?.scalar('train/learning_rate', learningRate, step);
      if (gradNorm !== undefined && Number.isFinite(gradNorm)) events?.scalar('train/grad_norm', gradNorm, step);
      [sum, steps] = [0, 0];
    },
    onEvaluate(result, { epoch, step }) {
      if (Number.isInteger(epoch)) return; // comes with the epoch's metrics
      for (const [name, value] of Object.entries(result)) events?.scalar(tagOf(name), value, step);
      evaluatedAt = step;
    },
    async onEpochEnd(epochMetrics) {
      const { step } = epochMetrics;
      for (const [name, value] of Object.entries(epochMetrics)) {
        // The curves of the steps have these two.
        if (typeof value !== 'number' || ['step', 'learning_rate', 'train_loss'].includes(name)) continue;
        if (name.startsWith('eval_') && evaluatedAt === step) continue; // a run that ended inside an epoch
        events?.scalar(tagOf(name), value, step);
      }
      if (events && model && histograms) await writeHistograms(events, model, step);
    },
    onTrainEnd() {
      events?.close();
      events = undefined;
    },
  };
}

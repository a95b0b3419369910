import { KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { classification } from '../objectives/classification.ts';
import { isModel, type TrainerOptions } from './trainer/options.ts';
import { runTrainer, type TrainerResult } from './trainer/run-trainer.ts';

/** What `fineTune` takes: a model, data, and `TrainingArguments`. */
export interface FineTuneOptions<Name extends string = string> extends TrainerOptions<Name> {
  /** What is trained, in place; `freeze()` of `@kd/models` keeps parts of it. */
  model: LayersModel;
}

/**
 * Trains a model on labels: a teacher for its data, or a student without one, to compare. Everything but the loss is as in
 * `distill`; the final model goes to `<outputDir>/model`.
 *
 * `loss = CE(model, labels)`, with `labelSmoothingFactor`
 *
 * @throws {KdError} as `distill`
 *
 * Reference: Trainer of transformers 4.57.
 *
 * @example
 * import { arrayDataset } from '@kd/data';
 * import { mlp } from '@kd/models';
 * import { fineTune } from '@kd/train/node';
 * const images = { data: Uint8Array.from({ length: 8 * 16 }, (_, i) => ((i >> 4) % 2 ? 255 : 0)), shape: [8, 4, 4] };
 * const train = arrayDataset({ images, labels: [0, 1, 0, 1, 0, 1, 0, 1], classNames: ['dark', 'light'] });
 * const model = mlp({ inputShape: [4, 4, 1], hiddenSizes: [8], classNames: train.classNames });
 * const result = await fineTune({ model, train, validation: train, epochs: 30, learningRate: 0.01, outputDir: 'runs/bright' });
 * console.log(result.eval_accuracy); // 1
 */
export async function fineTune<Name extends string = never>(options: FineTuneOptions<Name>): Promise<TrainerResult> {
  const { model } = options;
  if (!model || !isModel(model)) {
    throw new KdError('INVALID_ARGUMENT', `fineTune: model must be a LayersModel, got ${typeof model}`);
  }
  return runTrainer(
    {
      caller: 'fineTune',
      model,
      saveAs: 'model',
      ownNames: ['model'],
      keptNames: [],
      objective: ({ args }) => classification({ labelSmoothing: args.labelSmoothingFactor }),
    },
    options as TrainerOptions,
  );
}

import { KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { StepEngineFactory } from '../engine/step-engine.ts';
import { withFastForward } from '../engine/with-fast-forward.ts';
import { classNamesOf } from '../labels/model-labels.ts';
import type { Prefixed } from '../loop/compute-metrics.ts';
import { type EvaluateOptions, type EvaluateResult, evaluate as evaluateLoader } from '../loop/evaluate.ts';
import { checkData, type DataOptions, loaderOf, processorOf, type TrainData } from './trainer/data.ts';
import { preprocessorOf } from './trainer/model-files.ts';

export interface EvaluateDataOptions<Name extends string = string>
  extends EvaluateOptions<Name>,
    Pick<DataOptions, 'processor' | 'normalize'> {
  /** Of a dataset. @default 8 */
  batchSize?: number;
  /** Threads that decode the images of a dataset. @default 0 */
  workers?: number;
  /** Answers for the model where it can, in mode 'inference': `onnxEngine()` of `@kd/onnx/node`. @default TF.js' backend */
  engine?: StepEngineFactory;
}

/**
 * `evaluate` of `@kd/train`, for a dataset as well: images are prepared by the `processor`, else as the model's
 * `preprocessor_config.json` says.
 *
 * @throws {KdError} MISMATCH if model and data name their classes differently; as `evaluate` of `@kd/train`
 *
 * @example
 * import { arrayDataset } from '@kd/data';
 * import { mlp } from '@kd/models';
 * import { evaluate } from '@kd/train/node';
 * const test = arrayDataset({ images: { data: new Uint8Array(784), shape: [1, 28, 28] }, labels: [1], classNames: ['a', 'b'] });
 * const { eval_loss } = await evaluate(mlp({ hiddenSizes: [], classNames: ['a', 'b'] }), test);
 * console.log(eval_loss.toFixed(4)); // 0.6931
 */
export async function evaluate<Name extends string = never>(
  model: LayersModel,
  data: TrainData,
  {
    processor = preprocessorOf(model),
    normalize,
    batchSize = 8,
    workers = 0,
    engine,
    ...options
  }: EvaluateDataOptions<Name> = {},
): Promise<EvaluateResult & Record<Prefixed<Name>, number>> {
  checkData('evaluate', 'data', data);
  const names = classNamesOf(model);
  if (names && names.join('\n') !== data.classNames.join('\n')) {
    throw new KdError(
      'MISMATCH',
      `evaluate: the model's classes (${names.join(', ')}) are not those of the data (${data.classNames.join(', ')}), or have ` +
        'another order; mapLabels() of @kd/data brings them together',
      { model: names, data: data.classNames },
    );
  }
  const loader = await loaderOf('evaluate', data, {
    batchSize,
    workers,
    normalize,
    processor: processor && (await processorOf('evaluate', processor)),
  });
  const { mode = 'inference', logits } = options;
  return withFastForward(mode === 'inference' && !logits ? engine : undefined, model, (fast) =>
    evaluateLoader(model, loader, { ...options, ...fast } as EvaluateOptions<Name>),
  );
}

import { teacherView } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ForwardMode, featureNames, readAnswers, readLogits } from '../engine/forward.ts';
import type { FastForward } from '../engine/step-engine.ts';
import { modelFingerprint } from '../model-weights.ts';
import type { Teacher } from './teacher.ts';

export interface ModelTeacherOptions {
  /** How it is run when asked. Anything but 'inference' makes its answers random. @default 'inference' */
  mode?: ForwardMode;
  /** Compared with the data's before training. */
  classNames?: readonly string[];
  /** Answers in place of the model, in inference mode, where it can: an engine's `forward(model)`. @default none */
  forward?: FastForward;
}

/**
 * A LayersModel as a teacher: asked in inference mode, off the tape, its weights never among those that are trained. One
 * with taps (`withTaps` of `@kd/models`) also answers with the features of these layers, for `featureDistillation`.
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { modelTeacher } from '@kd/train';
 * const teacher = modelTeacher(mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] }));
 * const images = { data: new Float32Array(784), shape: [1, 28, 28, 1] };
 * const context = { seed: 0, epoch: 0, step: 0, ids: Uint32Array.of(0) };
 * console.log((await teacher.logits({ ids: context.ids, images }, context)).length); // 2
 */
export function modelTeacher(
  model: LayersModel,
  { mode = 'inference', classNames, forward }: ModelTeacherOptions = {},
): Teacher {
  const taps = featureNames(model);
  return {
    ...(classNames ? { classNames } : {}),
    ...(taps.length > 0
      ? { taps, answers: (batch, context) => readAnswers(model, teacherView(batch), mode, context) }
      : {}),
    deterministic: mode === 'inference',
    parameters: model.countParams(),
    fingerprint: () => modelFingerprint(model),
    async logits(batch, context) {
      const view = teacherView(batch);
      const fast = mode === 'inference' ? await forward?.(view) : undefined;
      return fast ?? readLogits(model, view, mode, context);
    },
  };
}

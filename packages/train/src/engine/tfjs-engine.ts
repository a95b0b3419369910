import { KdError } from '@kd/core';
import { clipByGlobalNorm, namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Update } from '../optimizers/optimizer.ts';
import { createAccumulator } from './accumulator.ts';
import { forward, uploadImages } from './forward.ts';
import type { StepEngineFactory } from './step-engine.ts';

interface Kept {
  loss: tf.Scalar;
  parts: Record<string, tf.Scalar>;
  logits: tf.Tensor2D;
  gradNorm?: tf.Scalar;
}

/**
 * The step on the current TF.js backend: TF.js' own autodiff over the model, one `tidy` a step.
 *
 * @example
 * import { tfjsEngine } from '@kd/train';
 * console.log(typeof tfjsEngine()); // function
 */
export function tfjsEngine(): StepEngineFactory {
  return ({ model, objective, optimizer, maxGradNorm }) => {
    const trained = [...namedVariables(model), ...(objective.variables ?? [])].filter(({ trainable }) => trainable);
    if (trained.length === 0) {
      throw new KdError('INVALID_ARGUMENT', `train: model '${model.name}' has no trainable weights; unfreeze a layer`);
    }
    const variables = trained.map(({ variable }) => variable);

    const accumulated = createAccumulator();

    /** @returns the norm before clipping, if gradients are clipped */
    function update(gradients: tf.NamedTensorMap, learningRate: number): tf.Scalar | undefined {
      const moved = trained.filter(({ variable }) => gradients[variable.name]);
      const all = moved.map(({ variable }) => gradients[variable.name]!);
      const { clipped, norm } = maxGradNorm === undefined ? { clipped: all } : clipByGlobalNorm(all, maxGradNorm);
      const updates = moved.map(({ name, variable }, i): Update => ({ name, variable, gradient: clipped[i]! }));
      optimizer.update(updates, learningRate);
      for (const { variable, constraint } of trained) {
        if (constraint) variable.assign(constraint(variable));
      }
      return norm;
    }

    return {
      name: `tfjs ${tf.getBackend()}`,
      async step({ batch, context, teacherLogits, teacherFeatures, learningRate, update: updates = true }) {
        let kept: Kept | undefined;
        tf.tidy(() => {
          const images = uploadImages(batch);
          const labels = batch.labels && tf.tensor1d(batch.labels, 'int32');
          const rows = batch.ids.length;
          const targets = batch.targets && tf.tensor2d(batch.targets, [rows, batch.targets.length / rows]);
          const answers = teacherLogits && tf.tensor2d(teacherLogits, [rows, teacherLogits.length / rows]);
          const known = Object.entries(teacherFeatures ?? {}).map(
            ([name, { data, shape }]) => [name, tf.tensor(data, [...shape], 'float32')] as const,
          );
          // Always with the student's variables: left out, TF.js trains every variable there is, the teacher's too.
          const { value, grads } = tf.variableGrads(() => {
            const { logits, features } = forward(model, images, 'training', context);
            const { loss, parts } = objective.loss({
              studentLogits: logits,
              studentFeatures: features,
              ...(teacherFeatures ? { teacherFeatures: Object.fromEntries(known) } : {}),
              ...(answers ? { teacherLogits: answers } : {}),
              ...(labels ? { labels } : {}),
              ...(targets ? { targets } : {}),
              context,
            });
            kept = {
              loss: tf.keep(tf.clone(loss)),
              logits: tf.keep(tf.clone(logits)),
              parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, tf.keep(tf.clone(part))])),
            };
            return loss;
          }, variables);
          value.dispose();
          if (!updates) {
            accumulated.add(grads);
            return;
          }
          const gradNorm = update(accumulated.mean(grads), learningRate);
          if (gradNorm) kept!.gradNorm = tf.keep(gradNorm);
        });
        const { loss, parts, logits, gradNorm } = kept!;
        try {
          const numbers: Record<string, number> = {};
          for (const [name, part] of Object.entries(parts)) numbers[name] = (await part.data())[0]!;
          return {
            loss: (await loss.data())[0]!,
            parts: numbers,
            logits: (await logits.data()) as Float32Array,
            ...(gradNorm ? { gradNorm: (await gradNorm.data())[0]! } : {}),
          };
        } finally {
          tf.dispose([loss, logits, ...Object.values(parts), ...(gradNorm ? [gradNorm] : [])]);
        }
      },
      dispose: async () => accumulated.dispose(),
    };
  };
}

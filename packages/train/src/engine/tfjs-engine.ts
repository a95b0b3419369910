import { KdError } from '@kd/core';
import { clipByGlobalNorm, globalNorm, namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Update } from '../optimizers/optimizer.ts';
import { createAccumulator } from './accumulator.ts';
import { forward, uploadImages } from './forward.ts';
import type { StepEngineFactory } from './step-engine.ts';

interface Kept {
  loss: tf.Scalar;
  parts: Record<string, tf.Scalar>;
  logits: tf.Tensor2D;
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
    const all = [...namedVariables(model), ...(objective.variables ?? [])];
    const trained = all.filter(({ trainable }) => trainable);
    const others = all.flatMap(({ variable, trainable }) => (trainable ? [] : [variable]));
    if (trained.length === 0) {
      throw new KdError('INVALID_ARGUMENT', `train: model '${model.name}' has no trainable weights; unfreeze a layer`);
    }
    const variables = trained.map(({ variable }) => variable);

    const accumulated = createAccumulator();

    /** @returns the norm before clipping, if gradients are clipped */
    function move(gradients: tf.NamedTensorMap | undefined, learningRate: number): tf.Scalar | undefined {
      if (!gradients) return undefined;
      const moved = trained.filter(({ variable }) => gradients[variable.name]);
      const given = moved.map(({ variable }) => gradients[variable.name]!);
      const { clipped, norm } = maxGradNorm === undefined ? { clipped: given } : clipByGlobalNorm(given, maxGradNorm);
      const updates = moved.map(({ name, variable }, i): Update => ({ name, variable, gradient: clipped[i]! }));
      optimizer.update(updates, learningRate);
      for (const { variable, constraint } of trained) {
        if (constraint) variable.assign(constraint(variable));
      }
      return norm;
    }

    return {
      name: `tfjs ${tf.getBackend()}`,
      async step({
        batch,
        context,
        teacherLogits,
        teacherFeatures,
        weights = {},
        learningRate,
        update: updates = true,
      }) {
        let kept: Kept | undefined;
        const { gradients, sum, before } = tf.tidy(() => {
          const before = others.map((variable) => tf.clone(variable)); // statistics; no values are copied
          const images = uploadImages(batch);
          const labels = batch.labels && tf.tensor1d(batch.labels, 'int32');
          const rows = batch.ids.length;
          const targets = batch.targets && tf.tensor2d(batch.targets, [rows, batch.targets.length / rows]);
          const answers = teacherLogits && tf.tensor2d(teacherLogits, [rows, teacherLogits.length / rows]);
          const known = Object.entries(teacherFeatures ?? {}).map(
            ([name, { data, shape }]) => [name, tf.tensor(data, [...shape], 'float32')] as const,
          );
          const factors = Object.entries(weights).map(([name, weight]) => [name, tf.scalar(weight)] as const);
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
              ...(factors.length > 0 ? { weights: Object.fromEntries(factors) } : {}),
              context,
            });
            kept = {
              loss: tf.keep(tf.clone(loss)),
              logits: tf.keep(tf.clone(logits)),
              parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, tf.keep(tf.clone(part))])),
            };
            return loss;
          }, variables);
          // NaN or infinite if any of them is.
          const sum = tf.addN([value, ...Object.values(grads).map((gradient) => tf.sum(gradient))]);
          return { gradients: grads, sum, before };
        });
        const { loss, parts, logits } = kept!;
        let gradNorm: tf.Scalar | undefined;
        try {
          const skipped = !Number.isFinite((await sum.data())[0]);
          if (skipped) restore(others, before);
          gradNorm = tf.tidy(() => {
            const usable = skipped ? undefined : gradients;
            if (!updates && usable) accumulated.add(usable);
            const norm = updates ? move(accumulated.mean(usable), learningRate) : undefined;
            return skipped ? globalNorm(Object.values(gradients)) : norm;
          }) as tf.Scalar | undefined;
          const numbers: Record<string, number> = {};
          for (const [name, part] of Object.entries(parts)) numbers[name] = (await part.data())[0]!;
          return {
            loss: (await loss.data())[0]!,
            parts: numbers,
            logits: (await logits.data()) as Float32Array,
            ...(gradNorm ? { gradNorm: (await gradNorm.data())[0]! } : {}),
            ...(skipped ? { skipped } : {}),
          };
        } finally {
          tf.dispose([sum, loss, logits, ...before, ...Object.values(parts), ...Object.values(gradients)]);
          gradNorm?.dispose();
        }
      },
      dispose: async () => accumulated.dispose(),
    };
  };
}

/** Gives variables their values back; those that still have them are left alone. */
function restore(variables: readonly tf.Variable[], values: readonly tf.Tensor[]): void {
  variables.forEach((variable, i) => {
    if (variable.dataId !== values[i]!.dataId) variable.assign(values[i]!);
  });
}

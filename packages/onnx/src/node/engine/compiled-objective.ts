import { dropoutMask, KdError, type StepContext } from '@kd/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { LossFunction } from '../trace-step.ts';
import type { EngineRun } from './engine-types.ts';

/** A student's step as `compileStep` takes it. */
export interface CompiledObjective {
  loss: LossFunction;
  /** What the loss asked to be drawn, for the context of a step. */
  draw(name: string, context: StepContext): Float32Array;
}

/**
 * Student and objective as one function of what is in a batch: `images`, and `labels`, `targets`, `teacherLogits` and features
 * of the teacher if there are any, and weights of terms that change from step to step.
 * Dropout masks become inputs; whatever else of the context is read would be frozen in the graph, and is an error.
 */
export function compiledObjective({ model, objective }: EngineRun): CompiledObjective {
  const masks = new Map<string, { stream: string; units: number; rate: number }>();
  return {
    loss({ images, labels, targets, teacherLogits, ...others }, drawn) {
      const output = model.apply(images!, {
        training: true,
        dropout: true,
        context: frozen('a layer of the model'),
        dropoutMask(stream: string, shape: number[], rate: number): tf.Tensor {
          const name = `${stream} [${shape}]`;
          masks.set(name, { stream, units: shape.slice(1).reduce((product, size) => product * size, 1), rate });
          return drawn(name, shape);
        },
      } as { training: boolean });
      const [studentLogits, ...features] = (Array.isArray(output) ? output : [output]) as [tf.Tensor2D, ...tf.Tensor[]];
      const names = model.outputNames?.slice(1) ?? [];
      const of = (prefix: string): [string, tf.Tensor][] =>
        Object.entries(others).flatMap(([name, tensor]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
        );
      const [teacherFeatures, weights] = [of(TEACHER), of(WEIGHT) as [string, tf.Scalar][]];
      const { loss, parts } = objective.loss({
        studentLogits,
        studentFeatures: Object.fromEntries(features.map((feature, i) => [names[i]!, feature])),
        ...(teacherFeatures.length > 0 ? { teacherFeatures: Object.fromEntries(teacherFeatures) } : {}),
        ...(teacherLogits ? { teacherLogits: teacherLogits as tf.Tensor2D } : {}),
        ...(labels ? { labels: labels as tf.Tensor1D } : {}),
        ...(targets ? { targets: targets as tf.Tensor2D } : {}),
        ...(weights.length > 0 ? { weights: Object.fromEntries(weights) } : {}),
        context: frozen(`objective '${objective.name}'`),
      });
      const named = Object.entries(parts).map(([name, part]) => [PART + name, part]);
      return { loss, outputs: { logits: studentLogits, ...Object.fromEntries(named) } };
    },
    draw(name, context) {
      const { stream, units, rate } = masks.get(name)!;
      return dropoutMask(context, stream, units, rate);
    },
  };
}

const PART = 'part/';

/** What names of inputs that are features of the teacher begin with. */
export const TEACHER = 'teacher/';

/** And those that are weights of terms of the loss. */
export const WEIGHT = 'weight/';

/** Logits and the parts of the loss from a step's outputs. */
export function readOutputs(outputs: Readonly<Record<string, Float32Array>>): {
  logits: Float32Array;
  parts: Record<string, number>;
} {
  const parts = Object.entries(outputs).flatMap(([name, values]) =>
    name.startsWith(PART) ? [[name.slice(PART.length), values[0]!] as const] : [],
  );
  return { logits: outputs.logits!, parts: Object.fromEntries(parts) };
}

/** A context that cannot be read: the graph is traced once and run at every step. */
function frozen(reader: string): StepContext {
  return new Proxy({} as StepContext, {
    get(_, property) {
      throw new KdError(
        'UNSUPPORTED',
        `onnxEngine: ${reader} reads '${String(property)}' of the step's context, which changes from step to step, and a ` +
          "compiled step would keep what it was at the first; make it one of the objective's weights, or use tfjsEngine()",
        { property: String(property) },
      );
    },
  });
}

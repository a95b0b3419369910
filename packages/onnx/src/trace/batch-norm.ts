import * as tf from '@tensorflow/tfjs-core';
import { fill, sizeOf } from '../graph/constants.ts';
import { dependsOn } from '../graph/depends-on.ts';
import type { Node, Value } from '../graph/graph.ts';
import { beforeReshape, type RecordingBackend } from './recording-backend.ts';

/*
 * Batch-norm in training, as tfjs-layers and users of tf.moments and tf.batchNorm write it, is recorded as `KdBatchNorm`
 * and `KdBatchNormGrad`. Not by patching layers: what a layer does with the statistics stays its own, and no layer has to
 * be known. While a trace runs, only the gradient of the kernel `FusedBatchNorm` is another one. If mean and variance are
 * those of x, it is the total derivative, through the statistics too; what then flows into tf.moments is zero, marked as
 * such, so that nothing is computed from it.
 */

const KERNEL = 'FusedBatchNorm';

/** Mean over all axes but the last, without them. */
function isChannelMean(value: Value | undefined, channels: number): value is Value & { node: Node } {
  const { node } = value ?? {};
  if (node?.op !== 'Mean' || value!.shape.length !== 1) return false;
  const x = node.ins.x!;
  const axes = tf.util.parseAxisParam(node.attrs.axis as number[], [...x.shape]);
  return x.shape.at(-1) === channels && !axes.includes(x.shape.length - 1);
}

/** What mean and variance are the statistics of, as tf.moments computes them. */
function sourceOf(mean: Value, variance: Value, channels: number): Value | undefined {
  if (!isChannelMean(mean, channels) || !isChannelMean(variance, channels)) return undefined;
  const x = mean.node.ins.x!;
  const square = variance.node.ins.x!.node;
  const difference = square?.op === 'Square' ? square.ins.x!.node : undefined;
  if (difference?.op !== 'Sub' || difference.ins.a !== x || beforeReshape(difference.ins.b!) !== mean) return undefined;
  return x;
}

/** Batch-norms of one trace, by the value of their variance. */
export class BatchNorms {
  private readonly backend: RecordingBackend;
  private readonly known = new Map<Value, { x: Value; norm: Value[]; gamma: Value; epsilon: number }>();
  /** Means and variances that a `KdBatchNorm` gives as well. */
  readonly replaced: Map<Value, Value> = new Map();

  constructor(backend: RecordingBackend) {
    this.backend = backend;
  }

  /** Records `FusedBatchNorm` in training; undefined if the statistics are not those of x. */
  forward(ins: Readonly<Record<string, Value>>, epsilon: number): Value | undefined {
    const { mean, variance, scale, offset } = ins as { mean: Value; variance: Value; scale?: Value; offset?: Value };
    const channels = sizeOf(mean);
    const x = sourceOf(mean, variance, channels);
    if (!x || beforeReshape(ins.x!) !== beforeReshape(x)) return undefined;
    // Else batch-norm would wait for itself.
    if ([scale, offset].some((given) => given && dependsOn(given, [mean.node!, variance.node!]))) return undefined;
    const parameter = (given: Value | undefined, missing: number): Value =>
      given ?? this.backend.own(fill([channels], missing, 'float32'));
    const [gamma, beta] = [parameter(scale, 1), parameter(offset, 0)];
    const statistic = { shape: [channels], dtype: 'float32' } as const;
    const outs = [{ shape: x.shape, dtype: 'float32' } as const, statistic, statistic];
    const norm = this.backend.record('KdBatchNorm', { x, gamma, beta }, { epsilon }, outs);
    this.known.set(variance, { x, norm, gamma, epsilon });
    this.replaced.set(mean, norm[1]!);
    this.replaced.set(variance, norm[2]!);
    return this.reshaped(norm[0]!, ins.x!.shape);
  }

  private reshaped(value: Value, shape: readonly number[]): Value {
    return this.backend.record('Reshape', { x: value }, { shape }, [{ shape, dtype: value.dtype }])[0]!;
  }

  /** Records the gradient; undefined if it is not of a batch-norm that `forward` knew. */
  backward(dy: tf.Tensor, [x, , variance]: readonly tf.Tensor[]): Record<string, () => tf.Tensor> | undefined {
    const found = this.known.get(this.backend.valueFor(variance!));
    if (!found || beforeReshape(this.backend.valueFor(x!)) !== beforeReshape(found.x)) return undefined;
    const [, mean, squares] = found.norm;
    const ins = {
      dy: this.reshaped(this.backend.valueFor(dy), found.x.shape),
      x: found.x,
      gamma: found.gamma,
      saved0: mean!,
      saved1: squares!,
    };
    const { epsilon } = found;
    const outs = [found.x, found.gamma, found.gamma].map(({ shape }) => ({ shape, dtype: 'float32' }) as const);
    const [dx, dGamma, dBeta] = this.backend.record('KdBatchNormGrad', ins, { epsilon }, outs);
    const tensor = (value: Value): tf.Tensor => {
      const info = this.backend.give(value);
      return tf.engine().makeTensorFromTensorInfo(info, this.backend);
    };
    const none = (): tf.Tensor => tensor(this.backend.nothing(variance!.shape));
    return {
      x: () => tensor(this.reshaped(dx!, x!.shape)),
      mean: none,
      variance: none,
      scale: () => tensor(dGamma!),
      offset: () => tensor(dBeta!),
    };
  }
}

/** Has TF.js ask for the gradient here until the returned function is called. */
export function replaceGradient(norms: BatchNorms): () => void {
  const original = tf.getGradient(KERNEL);
  if (!original) return () => {};
  tf.unregisterGradient(KERNEL);
  tf.registerGradient({
    ...original,
    gradFunc: (dy, saved, attrs) =>
      norms.backward(dy as tf.Tensor, saved) ??
      (original.gradFunc(dy, saved, attrs) as Record<string, () => tf.Tensor>),
  });
  return () => {
    tf.unregisterGradient(KERNEL);
    tf.registerGradient(original);
  };
}

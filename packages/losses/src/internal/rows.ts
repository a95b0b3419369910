import * as tf from '@tensorflow/tfjs-core';
import { checkLabels, checkTensor } from './checks.ts';
import { detach } from './detach.ts';
import { any, checkOptions, oneOf, type Rule } from './options.ts';

/** Which samples count, and how much. Both are constants: they get no gradient. */
export interface SampleOptions {
  /** float32 [batch], >= 0. A mean divides by their sum. @default every sample counts 1 */
  sampleWeights?: tf.Tensor1D;
  /**
   * bool [batch]; a row where it is false counts nothing, as those that pad the last batch. What it holds must not be NaN.
   * @default all true
   */
  mask?: tf.Tensor1D;
}

/** How per-sample losses become one number: their mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options of every loss that is the mean of what its samples give alone. */
export interface RowOptions extends SampleOptions {
  /** `'none'` gives one loss for each sample, float32 [batch]. @default 'mean' */
  reduction?: Reduction;
}

/** How labels are read. */
export interface LabelOptions {
  /** The label of samples that have none, such as PyTorch's -100: they count nothing. @default none */
  ignoreIndex?: number;
  /**
   * Check that every label is in [0, classes). It reads the labels back, which waits for a GPU; a trainer that has
   * checked them turns it off. @default true
   */
  validateLabels?: boolean;
}

/** @returns float32 [batch], or undefined where every sample counts 1 */
export function rowWeights(
  caller: string,
  batch: number,
  { sampleWeights, mask }: SampleOptions,
): tf.Tensor1D | undefined {
  if (sampleWeights) checkTensor(caller, 'sampleWeights', sampleWeights, 'float32', [batch]);
  if (mask) checkTensor(caller, 'mask', mask, 'bool', [batch]);
  // Cut off from the tape, as both may come from the student: samples that it is sure of.
  const constant = () => ({ value: tf.mul(sampleWeights ?? 1, mask ?? 1), gradFunc: () => [] });
  return (sampleWeights ?? mask) && (tf.customGrad(constant)() as tf.Tensor1D);
}

/**
 * Takes the samples out whose label is `ignoreIndex`: they weigh nothing, and their label becomes a valid one, since
 * kernels read memory by it.
 */
export function withoutIgnored(
  labels: tf.Tensor1D,
  weights: tf.Tensor1D | undefined,
  ignoreIndex: number | undefined,
): [labels: tf.Tensor1D, weights: tf.Tensor1D | undefined] {
  if (ignoreIndex === undefined) return [labels, weights];
  const given = detach(labels);
  const known = tf.notEqual(given, tf.scalar(ignoreIndex, 'int32'));
  return [tf.where(known, given, tf.zerosLike(given)), tf.where(known, weights ?? 1, 0)];
}

/**
 * @param rows float32 [batch]
 * @param weights float32 [batch]; the mean divides by their sum, and is 0 where that is 0
 */
export function reduce(rows: tf.Tensor1D, reduction: Reduction, weights?: tf.Tensor1D): tf.Scalar | tf.Tensor1D {
  // Selected as well as multiplied: what does not count may be infinite.
  const weighted = weights ? tf.where(tf.equal(weights, 0), weights, tf.mul<tf.Tensor1D>(rows, weights)) : rows;
  if (reduction === 'none') return weighted;
  return tf.div<tf.Scalar>(
    tf.sum(weighted),
    reduction === 'sum' ? 1 : weights ? tf.maximum(tf.sum(weights), 1e-20) : rows.size,
  );
}

type Rules = Readonly<Record<string, Rule>>;

/** Checks the options, computes one value for each sample, and reduces them. */
export function rowLoss(
  caller: string,
  batch: number,
  options: RowOptions,
  rules: Rules,
  rows: () => tf.Tensor1D,
): tf.Scalar | tf.Tensor1D {
  checkOptions(caller, options, { ...rules, reduction: oneOf('mean', 'sum', 'none'), sampleWeights: any, mask: any });
  return tf.tidy(() => reduce(rows(), options.reduction ?? 'mean', rowWeights(caller, batch, options)));
}

/** The same for a loss that needs labels, which it gets with those that are `ignoreIndex` replaced by valid ones. */
export function labelledLoss(
  caller: string,
  [batch, classes]: readonly [number, number],
  labels: tf.Tensor1D,
  options: RowOptions & LabelOptions,
  rules: Rules,
  rows: (labels: tf.Tensor1D) => tf.Tensor1D,
): tf.Scalar | tf.Tensor1D {
  const { ignoreIndex, validateLabels } = options;
  checkLabels(caller, labels, [batch, classes], validateLabels, ignoreIndex);
  return tf.tidy(() => {
    const [known, sampleWeights] = withoutIgnored(labels, rowWeights(caller, batch, options), ignoreIndex);
    const counted = { ...options, sampleWeights, mask: undefined } as object as RowOptions;
    return rowLoss(caller, batch, counted, { ...rules, ignoreIndex: any, validateLabels: any }, () => rows(known));
  });
}

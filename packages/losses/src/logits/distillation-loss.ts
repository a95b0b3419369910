import * as tf from '@tensorflow/tfjs-core';
import { checkLabels, checkPair } from '../internal/checks.ts';
import { divergenceFrom, soften } from '../internal/divergence.ts';
import { fail } from '../internal/errors.ts';
import { any, checkOptions, notNegative, oneOf, positive, share } from '../internal/options.ts';
import { type LabelOptions, reduce, rowWeights, type SampleOptions, withoutIgnored } from '../internal/rows.ts';
import { crossEntropyRows } from './cross-entropy.ts';

/**
 * How per-sample losses become one number, in the words of PyTorch's `KLDivLoss`: 'batchmean' is the mean over
 * samples; 'mean' also divides the soft term by the number of classes, which makes it that many times weaker.
 */
export type DistillationReduction = 'batchmean' | 'mean' | 'sum' | 'none';

export interface DistillationOptions extends SampleOptions, LabelOptions {
  /** Softens both distributions: `softmax(logits / temperature)`. > 0. @default 4 */
  temperature?: number;
  /** Weight of the soft term (Kullback-Leibler divergence to the teacher), >= 0. @default 0.9, or 1 without labels */
  softWeight?: number;
  /** Weight of the hard term (cross-entropy with the labels), >= 0. @default 0.1 */
  hardWeight?: number;
  /**
   * As the Hugging Face guide means it: softWeight = lambda, hardWeight = 1 - lambda. In [0, 1]; given instead of the
   * two weights.
   */
  lambda?: number;
  /** Multiply the soft term by temperature^2, which keeps its gradient as large at any temperature. @default true */
  scaleByTemperatureSquared?: boolean;
  /** @default 'batchmean' */
  reduction?: DistillationReduction;
  /** Label smoothing of the hard term, in [0, 1]. @default 0 */
  labelSmoothing?: number;
}

/** A distillation loss and what it is made of. */
export interface DistillationTerms<T extends tf.Tensor = tf.Scalar> {
  /** `softWeight * softLoss + hardWeight * hardLoss` */
  loss: T;
  /** Kullback-Leibler divergence, times temperature^2 where asked for; not yet weighted. */
  softLoss: T;
  /** Cross-entropy, not yet weighted; absent without labels. */
  hardLoss?: T;
}

const RULES = {
  temperature: positive,
  softWeight: notNegative,
  hardWeight: notNegative,
  lambda: share,
  scaleByTemperatureSquared: any,
  reduction: oneOf('batchmean', 'mean', 'sum', 'none'),
  labelSmoothing: share,
  sampleWeights: any,
  mask: any,
  ignoreIndex: any,
  validateLabels: any,
};

function resolveWeights(
  caller: string,
  hasLabels: boolean,
  { lambda, softWeight, hardWeight }: DistillationOptions,
): [soft: number, hard: number] {
  const given = { lambda, softWeight, hardWeight };
  if (lambda !== undefined && (softWeight ?? hardWeight) !== undefined) {
    fail('INVALID_ARGUMENT', caller, 'give either lambda or softWeight and hardWeight', given);
  }
  const soft = lambda ?? softWeight ?? (hasLabels ? 0.9 : 1);
  const hard = lambda === undefined ? (hardWeight ?? (hasLabels ? 0.1 : 0)) : 1 - lambda;
  if (!hasLabels && hard > 0) {
    fail('INVALID_ARGUMENT', caller, `hardWeight is ${hard} but there are no labels; give them or make it 0`, given);
  }
  return [soft, hard];
}

/**
 * The distillation loss with its two terms, for logs and plots. Arguments and errors as for `distillationLoss`.
 *
 * @returns three tensors, to dispose one by one
 *
 * @example
 * import { distillationTerms } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[1, 0, -1]]);
 * const { softLoss } = distillationTerms(student, student, undefined, { temperature: 4 });
 * console.log(softLoss.dataSync()[0]); // 0
 */
export function distillationTerms(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels: tf.Tensor1D | undefined,
  options: DistillationOptions & { reduction: 'none' },
): DistillationTerms<tf.Tensor1D>;
export function distillationTerms(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels?: tf.Tensor1D,
  options?: DistillationOptions,
): DistillationTerms;
export function distillationTerms(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels?: tf.Tensor1D,
  options: DistillationOptions = {},
): DistillationTerms<tf.Scalar | tf.Tensor1D> {
  return terms('distillationTerms', studentLogits, teacherLogits, labels, options);
}

function terms(
  caller: string,
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels: tf.Tensor1D | undefined,
  options: DistillationOptions,
): DistillationTerms<tf.Scalar | tf.Tensor1D> {
  const { temperature = 4, scaleByTemperatureSquared = true, reduction = 'batchmean' } = options;
  const { labelSmoothing = 0, validateLabels, ignoreIndex } = options;
  checkOptions(caller, options, RULES);
  checkPair(caller, studentLogits, teacherLogits);
  const [batch, classes] = studentLogits.shape;
  if (labels) checkLabels(caller, labels, studentLogits.shape, validateLabels, ignoreIndex);
  const [softWeight, hardWeight] = resolveWeights(caller, Boolean(labels), options);
  const softScale = (scaleByTemperatureSquared ? 1 : temperature ** -2) / (reduction === 'mean' ? classes : 1);
  const overBatch = reduction === 'batchmean' ? 'mean' : reduction;
  // A plain object, as tf.tidy wants for what it keeps.
  return tf.tidy((): DistillationTerms<tf.Scalar | tf.Tensor1D> & tf.TensorContainerObject => {
    const weights = rowWeights(caller, batch, options);
    const divergences = divergenceFrom(soften(teacherLogits, temperature), studentLogits, temperature);
    const softLoss = reduce(tf.mul(divergences, softScale), overBatch, weights);
    const soft = tf.mul(softLoss, softWeight) as tf.Scalar | tf.Tensor1D;
    if (!labels) return { loss: soft, softLoss };
    const [known, hardWeights] = withoutIgnored(labels, weights, ignoreIndex);
    const hardLoss = reduce(crossEntropyRows(studentLogits, known, labelSmoothing), overBatch, hardWeights);
    return { loss: tf.add(soft, tf.mul(hardLoss, hardWeight)) as tf.Scalar | tf.Tensor1D, softLoss, hardLoss };
  });
}

/**
 * Knowledge-distillation loss of Hinton et al.: the student matches the teacher's softened distribution and the labels.
 *
 * `loss = softWeight * T^2 * KL(softmax(teacher / T) || softmax(student / T)) + hardWeight * CE(student, labels)`
 *
 * Both terms are means over the samples that count: a sample with the label `ignoreIndex` counts in the soft term only.
 *
 * The gradient of the soft term is `softWeight * T / batch * (softmax(student / T) - softmax(teacher / T))`. The
 * teacher gets none, even where it is on the tape.
 *
 * @param studentLogits float32 [batch, classes]
 * @param teacherLogits float32 [batch, classes]
 * @param labels int32 [batch]; leave out to learn from the teacher alone
 * @returns scalar, or float32 [batch] for reduction 'none'
 * @throws {KdError} SHAPE_MISMATCH if shapes differ, INVALID_ARGUMENT if a label or an option is out of range
 *
 * Reference: Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network", section 2; value and gradient
 * agree with mdistiller's KD and with the loss of the Hugging Face guide.
 *
 * @example
 * import { distillationLoss } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const student = tf.tensor2d([[2, -1, 0], [0, 3, 1]]);
 * const teacher = tf.tensor2d([[4, -2, 1], [0, 5, 3]]);
 * const labels = tf.tensor1d([0, 1], 'int32');
 * const loss = distillationLoss(student, teacher, labels, { temperature: 5, lambda: 0.5 });
 * console.log(loss.dataSync()[0].toFixed(4)); // 0.3210
 */
export function distillationLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels: tf.Tensor1D | undefined,
  options: DistillationOptions & { reduction: 'none' },
): tf.Tensor1D;
export function distillationLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels?: tf.Tensor1D,
  options?: DistillationOptions,
): tf.Scalar;
export function distillationLoss(
  studentLogits: tf.Tensor2D,
  teacherLogits: tf.Tensor2D,
  labels?: tf.Tensor1D,
  options: DistillationOptions = {},
): tf.Scalar | tf.Tensor1D {
  return tf.tidy(() => terms('distillationLoss', studentLogits, teacherLogits, labels, options).loss);
}

import * as tf from '@tensorflow/tfjs-core';
import { checkLabels, checkLogits, checkNumber, checkOneOf, checkOptionNames, checkSameShape } from './checks.ts';
import { crossEntropyRows } from './cross-entropy.ts';
import { lossError } from './errors.ts';
import { reduce } from './reduce.ts';

/**
 * How per-sample losses become one number, in the words of PyTorch's `KLDivLoss`: 'batchmean' is the mean over
 * samples; 'mean' also divides the soft term by the number of classes, which makes it that many times weaker.
 */
export type DistillationReduction = 'batchmean' | 'mean' | 'sum' | 'none';

export interface DistillationOptions {
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
  /**
   * Check that every label is in [0, classes). It reads the labels back, which waits for a GPU; a trainer that has
   * checked them turns it off. @default true
   */
  validateLabels?: boolean;
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

const OPTIONS: readonly (keyof DistillationOptions)[] = [
  'temperature',
  'softWeight',
  'hardWeight',
  'lambda',
  'scaleByTemperatureSquared',
  'reduction',
  'labelSmoothing',
  'validateLabels',
];

const ALLOWED: readonly DistillationReduction[] = ['batchmean', 'mean', 'sum', 'none'];

function resolveWeights(
  caller: string,
  hasLabels: boolean,
  { lambda, softWeight, hardWeight }: DistillationOptions,
): { soft: number; hard: number } {
  if (lambda !== undefined) {
    if (softWeight !== undefined || hardWeight !== undefined) {
      throw lossError(
        'INVALID_ARGUMENT',
        `${caller}: give either lambda (got ${lambda}) or softWeight and hardWeight (got ${softWeight}, ${hardWeight})`,
        { lambda, softWeight, hardWeight },
      );
    }
    checkNumber(caller, 'lambda', lambda, lambda >= 0 && lambda <= 1, 'in [0, 1]');
  }
  const soft = lambda ?? softWeight ?? (hasLabels ? 0.9 : 1);
  const hard = lambda === undefined ? (hardWeight ?? (hasLabels ? 0.1 : 0)) : 1 - lambda;
  checkNumber(caller, 'softWeight', soft, soft >= 0 && soft < Infinity, '>= 0');
  checkNumber(caller, 'hardWeight', hard, hard >= 0 && hard < Infinity, '>= 0');
  if (!hasLabels && hard > 0) {
    throw lossError(
      'INVALID_ARGUMENT',
      `${caller}: hardWeight is ${hard} but there are no labels; give labels, or set hardWeight to 0 (lambda to 1)`,
      { hardWeight: hard },
    );
  }
  return { soft, hard };
}

/**
 * `KL(softmax(teacher / T) || softmax(student / T))` of each row: p log(p / q), summed.
 *
 * The gradient, `(q - p) / T`, is written out: the teacher is captured and not an input, so it has none (TF.js lacks
 * stopGradient), and the value may use operations that autodiff cannot cross.
 *
 * Rows of p and q both sum to 1, so each term may be `p log(p / q) + q - p`. No term is negative then, and nothing
 * cancels: summing p log(p / q) alone leaves few digits at high temperatures, where KL falls with 1 / T^2.
 */
function divergenceRows(studentLogits: tf.Tensor2D, teacherLogits: tf.Tensor2D, temperature: number): tf.Tensor1D {
  const rows = tf.customGrad((logits, save) => {
    const logP = tf.logSoftmax(tf.div(teacherLogits, temperature));
    const logQ = tf.logSoftmax(tf.div(logits as tf.Tensor, temperature));
    const [p, q] = [tf.exp(logP), tf.exp(logQ)];
    const ratio = tf.sub(logP, logQ);
    const near = tf.mul(p, tf.add(ratio, tf.expm1(tf.neg(ratio))));
    const far = tf.add(tf.mul(p, ratio), tf.sub(q, p)); // where expm1 may overflow
    const none = tf.equal(p, 0); // log p may be -Infinity there; p log p is 0
    (save as (tensors: tf.Tensor[]) => void)([q, p]);
    return {
      value: tf.sum(tf.where(none, q, tf.where(tf.less(tf.abs(ratio), 1), near, far)), 1), // [batch]
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.mul(tf.div(tf.sub(saved[0]!, saved[1]!), temperature), tf.expandDims(dy, 1)),
    };
  });
  return rows(studentLogits) as tf.Tensor1D;
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
  const { labelSmoothing = 0, validateLabels = true } = options;
  checkOptionNames(caller, options, OPTIONS);
  checkLogits(caller, 'studentLogits', studentLogits);
  checkLogits(caller, 'teacherLogits', teacherLogits);
  checkSameShape(caller, studentLogits, teacherLogits);
  if (labels) checkLabels(caller, labels, studentLogits, validateLabels);
  checkNumber(caller, 'temperature', temperature, temperature > 0 && temperature < Infinity, '> 0');
  checkNumber(caller, 'labelSmoothing', labelSmoothing, labelSmoothing >= 0 && labelSmoothing <= 1, 'in [0, 1]');
  checkOneOf(caller, 'reduction', reduction, ALLOWED);
  const weights = resolveWeights(caller, labels !== undefined, options);
  const softScale =
    (scaleByTemperatureSquared ? temperature * temperature : 1) / (reduction === 'mean' ? studentLogits.shape[1] : 1);
  const overBatch = reduction === 'batchmean' ? 'mean' : reduction;
  // A plain object, as tf.tidy wants for what it keeps.
  return tf.tidy((): DistillationTerms<tf.Scalar | tf.Tensor1D> & tf.TensorContainerObject => {
    const divergence = divergenceRows(studentLogits, teacherLogits, temperature);
    const softLoss = reduce(tf.mul(divergence, softScale), overBatch);
    const soft = tf.mul(softLoss, weights.soft) as tf.Scalar | tf.Tensor1D;
    if (!labels) return { loss: soft, softLoss };
    const hardLoss = reduce(crossEntropyRows(studentLogits, labels, labelSmoothing), overBatch);
    return { loss: tf.add(soft, tf.mul(hardLoss, weights.hard)) as tf.Scalar | tf.Tensor1D, softLoss, hardLoss };
  });
}

/**
 * Knowledge-distillation loss of Hinton et al.: the student matches the teacher's softened distribution and the labels.
 *
 * `loss = softWeight * T^2 * KL(softmax(teacher / T) || softmax(student / T)) + hardWeight * CE(student, labels)`
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

import * as tf from '@tensorflow/tfjs-core';
import { checkTensor } from '../../internal/checks.ts';
import { customGrad } from '../../internal/custom-grad.ts';
import { fail } from '../../internal/errors.ts';
import { any, checkOptions, type Rule } from '../../internal/options.ts';
import { present, presentRows, type RelationOptions } from '../../internal/relations.ts';
import type { CrdBank, CrdMemory } from './crd-memory.ts';

export interface CrdOptions extends RelationOptions {
  /** Of `crdMemory`. The first call sets its constants Z; `memory.update` does the rest. */
  memory: CrdMemory;
  /**
   * Which samples of the training set: in column 0 those of the batch, behind each its negatives, as `crdNegatives`
   * draws them. int32 [batch, 1 + negatives], each in [0, samples).
   */
  indices: tf.Tensor2D;
  /** Divides the products of embeddings. >= 0.025, as the exponentials have to fit into float32. @default 0.07 */
  temperature?: number;
  /** Check that the indices are in range, which reads them back. @default true */
  validateIndices?: boolean;
}

const EPSILON = 1e-7;
const aMemory: Rule = (value: CrdMemory) => value.student !== undefined || 'what crdMemory made';
const warm: Rule = (value: number) => (value >= 0.025 && value < Infinity) || '>= 0.025';

interface Contrast {
  /** int32 [batch] */
  positives: tf.Tensor1D;
  /** How often each sample is a negative, float32 [batch, samples]. */
  counts: tf.Tensor;
  negatives: number;
  temperature: number;
  /** float32 [batch, 1], with sum 1 */
  weights: tf.Tensor;
}

/**
 * Embeddings of one side against the memory of the other.
 *
 * With r = x / c, c = K / N + epsilon: `log(c / (x + c)) = -log1p(r)`, `log(x / (x + c)) = -log1p(1 / r)`. The gradient
 * is made with the value, so that of all that is [batch, samples] nothing has to be kept. No row or column is broadcast
 * to that size: WebAssembly takes longer over it than over the products.
 */
function contrast(embedding: tf.Tensor2D, { rows, Z }: CrdBank, { weights, ...draws }: Contrast): tf.Scalar {
  const { positives, counts, negatives, temperature } = draws;
  const samples = rows.shape[0];
  const noise = negatives / samples;
  return customGrad(embedding, (v) => {
    const scaled = tf.div<tf.Tensor2D>(v, temperature);
    const own = tf.gather(rows, positives);
    const score = tf.sum(tf.mul(own, scaled), 1, true);
    const products = tf.matMul(rows, tf.transpose(scaled)); // transposing the rows would take longer
    const powers = tf.exp(tf.transpose(products));

    const drawn = tf.add(tf.exp(score), tf.sum(tf.mul(counts, powers), 1, true));
    const first = tf.mul(tf.sum(tf.mul(weights, drawn)), samples / (1 + negatives));
    const z = tf.where(tf.greater(Z, 0), Z, first) as tf.Tensor1D;
    Z.assign(z);

    const scale = tf.mul(tf.maximum(z, 1e-20), noise + EPSILON); // z is 0 if the first batch of all is masked
    const ratio = tf.div(powers, scale);
    const above = tf.sub(tf.log(scale), score);
    const each = tf.add(tf.softplus(above), tf.sum(tf.mul(counts, tf.log1p(ratio)), 1, true));
    const pushed = tf.matMul(tf.mul(counts, tf.div(ratio, tf.add(ratio, 1))), rows);
    const pulled = tf.mul(own, tf.sigmoid(above));
    return [
      tf.add<tf.Scalar>(tf.sum(tf.mul(weights, each)), negatives * Math.log1p(EPSILON / noise)),
      [tf.mul(tf.sub(pushed, pulled), tf.div(weights, temperature))],
      (dy, [gradient]) => tf.mul(dy, gradient!),
    ];
  });
}

/**
 * Contrastive representation distillation: a sample's embedding by the student should be near the teacher's of the same
 * sample, and far from those of other samples; and the other way round.
 *
 * `loss = side(student, teacher's memory) + side(teacher, student's memory)`, with
 * `side = -mean_batch(log(x_0 / (x_0 + c)) + sum_k log((K / N) / (x_k + c)))`,
 * `x_k = exp(embedding . memory[indices[k]] / temperature) / Z`, `c = K / N + 1e-7`, K negatives of N samples
 *
 * Embeddings are rows of length 1, as `crdConnector` makes them. **Gradients flow to both**, as the teacher's side has
 * a trained projection too; its features have to be cut off before it (those of a frozen teacher are). The memory is
 * constant. Z is N times the mean of the exponentials in the first call, and constant from then on: the one thing that
 * a call changes. Call `memory.update` once a step, with the same arguments.
 *
 * All products of the batch and the memory are made, [batch, samples], and weighted by how often each was drawn: for a
 * batch of 64, 50 000 samples, 16 384 negatives and 128 features that is a matrix of 13 MB (a dozen at a time) where
 * the negatives' rows would take 540 MB for each side. A call takes about half a second there on WebAssembly, value and
 * gradient. Time and memory grow with the samples, not with the negatives: not for data as large as ImageNet.
 *
 * Usual weight: .8. Labels are not used here but for the choice of the negatives.
 *
 * @param studentEmbedding float32 [batch, features]
 * @param teacherEmbedding float32 [batch, features]
 * @param _labels not used; its place is kept so that losses can be exchanged
 * @returns scalar
 * @throws {KdError} SHAPE_MISMATCH if shapes are not those of the memory, INVALID_ARGUMENT if an option or an index is
 * out of range
 *
 * Reference: Tian, Krishnan, Isola 2020, "Contrastive Representation Distillation"; value, gradients, Z and memories
 * agree with RepDistiller's CRD.
 *
 * @example
 * import { crdConnector, crdLoss, crdMemory, crdNegatives } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const embedStudent = crdConnector({ name: 'crd/embedStudent', inputFeatures: 2, outputFeatures: 8 });
 * const embedTeacher = crdConnector({ name: 'crd/embedTeacher', inputFeatures: 3, outputFeatures: 8 });
 * const memory = crdMemory({ samples: 4, features: 8 });
 * const negatives = crdNegatives({ labels: [0, 0, 1, 2], negatives: 2 });
 * const indices = negatives([0, 3], (bound) => bound - 1); // a batch of samples 0 and 3; draw at random instead
 * const student = embedStudent.apply(tf.tensor2d([[1, 2], [3, 1]]));
 * const teacher = embedTeacher.apply(tf.tensor2d([[1, 0, 2], [0, 2, 1]]));
 * console.log(crdLoss(student, teacher, undefined, { memory, indices }).dataSync()[0].toFixed(2)); // 15.00
 * memory.update(student, teacher, indices);
 */
export function crdLoss(
  studentEmbedding: tf.Tensor2D,
  teacherEmbedding: tf.Tensor2D,
  _labels: tf.Tensor1D | undefined,
  options: CrdOptions,
): tf.Scalar {
  const caller = 'crdLoss';
  const { memory, indices, temperature = 0.07, mask, validateIndices = true } = options;
  checkOptions(
    caller,
    { ...options, memory: memory ?? 'none' },
    { memory: aMemory, indices: any, temperature: warm, validateIndices: any, mask: any },
  );
  const [samples, features] = memory.student.rows.shape;
  const batch = studentEmbedding?.shape?.[0] || 'batch';
  checkTensor(caller, 'studentEmbedding', studentEmbedding, 'float32', [batch, features]);
  checkTensor(caller, 'teacherEmbedding', teacherEmbedding, 'float32', [batch, features]);
  const negatives = (indices?.shape?.[1] ?? 0) - 1;
  checkTensor(caller, 'indices', indices, 'int32', [batch, negatives > 0 ? 1 + negatives : '1 + negatives']);
  if (validateIndices) {
    const index = indices.dataSync().find((index) => index < 0 || index >= samples);
    if (index !== undefined) fail('INVALID_ARGUMENT', caller, `index ${index} is not in [0, ${samples})`, { index });
  }
  return tf.tidy(() => {
    const there = present(caller, studentEmbedding.shape[0], mask);
    const { count, weights } = there;
    const shared: Contrast = {
      positives: tf.reshape(tf.slice(indices, [0, 0], [-1, 1]), [-1]),
      counts: tf.cast(tf.denseBincount(tf.slice(indices, [0, 1]), [], samples), 'float32'),
      negatives,
      temperature,
      weights: tf.div(weights ? tf.expandDims(weights, 1) : tf.ones([studentEmbedding.shape[0], 1]), count),
    };
    return tf.add<tf.Scalar>(
      contrast(presentRows(studentEmbedding, there), memory.teacher, shared),
      contrast(presentRows(teacherEmbedding, there), memory.student, shared),
    );
  });
}

import {
  attentionTransferLoss,
  correlationCongruenceLoss,
  crdLoss,
  crdMemory,
  crossEntropy,
  distillationLoss,
  distillationTerms,
  distLoss,
  dkdLoss,
  fspLoss,
  hardDistillationLoss,
  hclLoss,
  hintLoss,
  jensenShannonLoss,
  klDivergenceLoss,
  logitMseLoss,
  logitStandardizationLoss,
  mgdLoss,
  multiTeacherLoss,
  nkdLoss,
  nstLoss,
  pktLoss,
  reverseKlDivergenceLoss,
  rkdAngleLoss,
  rkdDistanceLoss,
  similarityPreservingLoss,
  softTargetCrossEntropy,
  sparseDistillationLoss,
  topKTargets,
  vidLoss,
} from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';

export interface Inputs<T extends tf.Tensor = tf.Tensor> {
  student: T;
  teacher: T;
  /** int32 [batch], each below the last dimension's size. */
  labels: tf.Tensor1D;
}

/** Makes the function of the student whose value and gradient are timed; what is made on the way is not. */
export type Prepare<T extends tf.Tensor> = (inputs: Inputs<T>) => (student: T) => tf.Scalar;

type Losses<T extends tf.Tensor> = Readonly<Record<string, Prepare<T>>>;

type Loss<T extends tf.Tensor> = (student: T, teacher: T, labels: tf.Tensor1D) => tf.Scalar;

/** Losses that are called as nearly all of them, and at their defaults. */
function plain<T extends tf.Tensor>(losses: Readonly<Record<string, Loss<T>>>): Losses<T> {
  const prepare =
    (loss: Loss<T>): Prepare<T> =>
    ({ teacher, labels }) =>
    (student) =>
      loss(student, teacher, labels);
  return Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, prepare(loss)]));
}

const logits: Losses<tf.Tensor2D> = {
  crossEntropy: (inputs) => (student) => crossEntropy(student, inputs.labels),
  softTargetCrossEntropy(inputs) {
    const targets = tf.softmax(inputs.teacher);
    return (student) => softTargetCrossEntropy(student, targets);
  },
  ...plain({ klDivergenceLoss, reverseKlDivergenceLoss, jensenShannonLoss, distillationLoss }),
  distillationTerms: (inputs) => (student) => distillationTerms(student, inputs.teacher, inputs.labels).loss,
  ...plain({ dkdLoss, nkdLoss, distLoss, logitStandardizationLoss, logitMseLoss, hardDistillationLoss }),
  multiTeacherLoss: (inputs) => (student) => multiTeacherLoss(student, [inputs.teacher, inputs.teacher]),
  sparseDistillationLoss(inputs) {
    const targets = topKTargets(inputs.teacher, 5);
    return (student) => sparseDistillationLoss(student, targets);
  },
};

const embeddings: Losses<tf.Tensor2D> = {
  ...plain({ rkdDistanceLoss, rkdAngleLoss, similarityPreservingLoss, pktLoss, correlationCongruenceLoss }),
  crdLoss({ teacher }) {
    const [batch, features] = teacher.shape;
    const memory = crdMemory({ samples: 1000, features });
    const indices = tf.randomUniform<tf.Rank.R2>([batch, 1 + 256], 0, 1000, 'int32', 3);
    return (student) => crdLoss(student, teacher, undefined, { memory, indices });
  },
};

const maps: Losses<tf.Tensor4D> = {
  ...plain<tf.Tensor4D>({ attentionTransferLoss, hintLoss, mgdLoss, nstLoss }),
  fspLoss: (inputs) => (student) => fspLoss([student, student], [inputs.teacher, inputs.teacher]),
  hclLoss: (inputs) => (student) => hclLoss([student], [inputs.teacher]),
  vidLoss(inputs) {
    const rawScale = tf.zeros<tf.Rank.R1>([inputs.teacher.shape[3]]);
    return (student) => vidLoss(student, inputs.teacher, undefined, { rawScale });
  },
};

/** One table of the report: losses that compare the same kind of tensor, by exported name. */
export interface Group {
  title: string;
  shape: readonly number[];
  losses: Losses<never>;
}

export const GROUPS: readonly Group[] = [
  { title: 'Logits', shape: [128, 10], losses: logits },
  { title: 'Logits', shape: [128, 1000], losses: logits },
  { title: 'Embeddings', shape: [64, 512], losses: embeddings },
  { title: 'Feature maps', shape: [64, 7, 7, 512], losses: maps },
];

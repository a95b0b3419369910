import { KdError } from '@kd/core';
import { hardDistillationLoss, klDivergenceLoss } from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';
import type { Teacher } from '../teachers/teacher.ts';
import { hardLoss } from './hard-loss.ts';
import type { Objective } from './objective.ts';
import {
  changingWeights,
  checkWeight,
  describeWeight,
  type TermWeight,
  weightAt,
  weightedSum,
} from './weights/term-weight.ts';

export interface DeitDistillationOptions {
  teacher: Teacher;
  /** What the distillation head learns: the teacher's decision, or its softened distribution. @default 'hard' */
  type?: 'hard' | 'soft';
  /** Of the distillation head's term, in [0, 1], fixed or scheduled; the class head's has the rest. @default 0.5 */
  weight?: TermWeight;
  /** Of the soft term, > 0; the paper has 3, the command line of its code 1. @default 1 */
  temperature?: number;
  /**
   * The soft term's: 'mean' divides by the classes too, as the authors' code does, 'batchmean' does not, as the paper has it.
   * @default 'mean'
   */
  reduction?: 'mean' | 'batchmean';
  /** Of the true labels, in [0, 1]; the paper has 0.1. @default 0 */
  labelSmoothing?: number;
  /** The student's head on the class token, one of its taps. @default 'cls_classifier' */
  classHead?: string;
  /** The student's head on the distillation token, one of its taps. @default 'distillation_classifier' */
  distillationHead?: string;
}

/**
 * The loss of a DeiT: its class head learns the labels, the head of its distillation token the teacher.
 *
 * - 'hard': `loss = (1 - w) * CE(class, labels) + w * CE(distillation, argmax(teacher))`
 * - 'soft': `loss = (1 - w) * CE(class, labels) + w * T^2 / C * KL(softmax(teacher / T) || softmax(distillation / T))`, without
 *   the division by the classes C for 'batchmean'
 *
 * The student is a model with both heads as taps, `withTaps(deit(…), ['cls_classifier', 'distillation_classifier'])`; its
 * first output, which is evaluated and exported, is the mean of both. Mixed samples are learned by their shares of classes.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range; INVALID_DATA from the first step for a batch without labels;
 *   NOT_FOUND from `train` for a student without these taps
 *
 * Reference: Touvron et al. 2021, "Training data-efficient image transformers & distillation through attention"; value and
 * gradients agree with `losses.py` of the authors' code.
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { deitDistillation, modelTeacher } from '@kd/train';
 * const teacher = modelTeacher(mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] }));
 * console.log(deitDistillation({ teacher }).taps!.student); // [ 'cls_classifier', 'distillation_classifier' ]
 */
export function deitDistillation({ teacher, ...options }: DeitDistillationOptions): Objective {
  const { type = 'hard', weight = 0.5, temperature = 1, reduction = 'mean', labelSmoothing = 0 } = options;
  const { classHead = 'cls_classifier', distillationHead = 'distillation_classifier' } = options;
  checkOptions({ type, weight, temperature, reduction });
  const rest: TermWeight = typeof weight === 'number' ? 1 - weight : (context) => 1 - weightAt(weight, context);

  function taught(logits: tf.Tensor2D, teacherLogits: tf.Tensor2D): tf.Scalar {
    if (type === 'hard') return hardDistillationLoss(logits, teacherLogits);
    const divergence = klDivergenceLoss(logits, teacherLogits, undefined, { temperature });
    return reduction === 'mean' ? tf.div(divergence, logits.shape[1]) : divergence;
  }

  return {
    name: 'deitDistillation',
    settings: {
      ...{ type, labelSmoothing, classHead, distillationHead, weight: describeWeight(weight) },
      ...(type === 'soft' ? { temperature, reduction } : {}),
    },
    weights: changingWeights({ distillationWeight: weight, classWeight: rest }),
    taps: { student: [classHead, distillationHead], teacher: [] },
    teacher,
    loss(input) {
      const { studentFeatures, teacherLogits } = input;
      const studentLogits = studentFeatures[classHead] as tf.Tensor2D;
      const hard = hardLoss({ ...input, studentLogits }, { labelSmoothing, reduction: 'mean' });
      if (!hard) throw new KdError('INVALID_DATA', 'deitDistillation: the batch has no labels for the class head');
      const distilled = taught(studentFeatures[distillationHead] as tf.Tensor2D, teacherLogits!);
      const terms = [
        { name: 'classWeight', weight: rest, value: hard },
        { name: 'distillationWeight', weight, value: distilled },
      ];
      return { loss: weightedSum(terms, input), parts: { hard_loss: hard, teacher_loss: distilled } };
    },
  };
}

function checkOptions({
  type,
  weight,
  temperature,
  reduction,
}: Required<Pick<DeitDistillationOptions, 'type' | 'weight' | 'temperature' | 'reduction'>>): void {
  const refuse = (name: string, range: string, value: unknown): never => {
    throw new KdError('INVALID_ARGUMENT', `deitDistillation: ${name} must be ${range}, got ${value}`, {
      [name]: value,
    });
  };
  if (type !== 'hard' && type !== 'soft') refuse('type', "'hard' or 'soft'", type);
  if (reduction !== 'mean' && reduction !== 'batchmean') refuse('reduction', "'mean' or 'batchmean'", reduction);
  if (!(temperature > 0 && temperature < Infinity)) refuse('temperature', '> 0', temperature);
  checkWeight('deitDistillation', 'weight', weight, 1);
}

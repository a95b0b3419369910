import * as tf from '@tensorflow/tfjs-core';
import { fail } from './errors.ts';

/** Refuses logits of fewer classes than a loss can tell apart. */
export function checkClasses(caller: string, classes: number, least: number, why: string): void {
  if (classes < least)
    fail('INVALID_ARGUMENT', caller, `needs ${least} classes or more, got ${classes}: ${why}`, { classes });
}

/** Where a class is the row's label, bool [batch, classes]. (Never oneHot as float32: WebAssembly writes anys there.) */
export function isLabel(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  return tf.cast(tf.oneHot(labels, classes), 'bool') as tf.Tensor2D;
}

/** What each row has at its label, float32 [batch]. Selected, not multiplied: the others may be -Infinity. */
export function atLabel(x: tf.Tensor, target: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(tf.where(target, x, 0), 1);
}

/** Logits of all classes but the label: for it, -Infinity, which is no class any more to a softmax. */
export function withoutLabel(logits: tf.Tensor2D, target: tf.Tensor2D): tf.Tensor2D {
  return tf.where(target, Number.NEGATIVE_INFINITY, logits);
}

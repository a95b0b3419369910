import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { lossError } from './errors.ts';

const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** JavaScript lets an array through where a tensor is wanted. */
function checkTensor(caller: string, name: string, value: Tensor2D | Tensor1D): void {
  if ((value as Partial<Tensor2D> | undefined)?.shape === undefined) {
    throw lossError('INVALID_ARGUMENT', `${caller}: ${name} must be a tensor, got ${JSON.stringify(value)}`, {
      [name]: value,
    });
  }
}

/** A misspelt option would be ignored in silence, and the loss be another than the one asked for. */
export function checkOptionNames(caller: string, options: object, allowed: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !allowed.includes(name));
  if (unknown !== undefined) {
    throw lossError('INVALID_ARGUMENT', `${caller}: there is no option '${unknown}'; there are ${allowed.join(', ')}`, {
      option: unknown,
    });
  }
}

/** Logits must be [batch, classes] with at least one sample. */
export function checkLogits(caller: string, name: string, logits: Tensor2D): void {
  checkTensor(caller, name, logits);
  if (logits.rank !== 2 || logits.size === 0) {
    throw lossError(
      'SHAPE_MISMATCH',
      `${caller}: ${name} must have shape [batch, classes] and at least one value, got ${show(logits.shape)}`,
      { shape: logits.shape },
    );
  }
}

/** Student and teacher must speak of the same samples and classes: TF.js would broadcast silently. */
export function checkSameShape(caller: string, studentLogits: Tensor2D, teacherLogits: Tensor2D): void {
  const [student, teacher] = [studentLogits.shape, teacherLogits.shape];
  if (student[0] !== teacher[0] || student[1] !== teacher[1]) {
    throw lossError(
      'SHAPE_MISMATCH',
      `${caller}: studentLogits ${show(student)} and teacherLogits ${show(teacher)} must have the same shape; ` +
        'a batch must hold the same samples, and both networks the same classes in the same order',
      { student, teacher },
    );
  }
}

/**
 * Labels must be one class index for each row of the logits.
 *
 * @param readValues also check that each is in [0, classes), which reads the tensor back
 */
export function checkLabels(caller: string, labels: Tensor1D, logits: Tensor2D, readValues: boolean): void {
  checkTensor(caller, 'labels', labels);
  const [batch, classes] = logits.shape;
  if (labels.rank !== 1 || labels.shape[0] !== batch) {
    throw lossError(
      'SHAPE_MISMATCH',
      `${caller}: labels must have shape [${batch}], one for each row of the logits ${show(logits.shape)}, ` +
        `got ${show(labels.shape)}; for one-hot labels take tf.argMax(labels, 1)`,
      { labels: labels.shape, logits: logits.shape },
    );
  }
  if (labels.dtype !== 'int32') {
    throw lossError('INVALID_ARGUMENT', `${caller}: labels must be int32 class indices, got ${labels.dtype}`, {
      dtype: labels.dtype,
    });
  }
  if (!readValues) return;
  const values = labels.dataSync();
  const index = values.findIndex((label) => label < 0 || label >= classes);
  if (index >= 0) {
    throw lossError(
      'INVALID_ARGUMENT',
      `${caller}: label ${values[index]} at index ${index} is not in [0, ${classes})`,
      { label: values[index], index, classes },
    );
  }
}

/** A number that must lie in a range, given as the words that the message shows. */
export function checkNumber(caller: string, name: string, value: number, valid: boolean, range: string): void {
  if (!valid) {
    throw lossError('INVALID_ARGUMENT', `${caller}: ${name} must be ${range}, got ${value}`, { [name]: value });
  }
}

/** An option that must be one of a few words. */
export function checkOneOf(caller: string, name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    const words = allowed.map((word) => `'${word}'`).join(', ');
    throw lossError('INVALID_ARGUMENT', `${caller}: ${name} must be one of ${words}, got '${value}'`, {
      [name]: value,
    });
  }
}

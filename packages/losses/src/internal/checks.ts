import { engine, getGradient, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { fail } from './errors.ts';

/** tfjs-core has no gradients: TF.js says so only after the loss, and of the first operation that it comes to. */
function checkGradients(caller: string): void {
  if (engine().state.gradientDepth === 0 || getGradient('Multiply') || getGradient('Add')) return;
  const remedy = "import '@tensorflow/tfjs-layers' or '@tensorflow/tfjs' (npm install it), which register them";
  fail('NOT_FOUND', caller, `TensorFlow.js has no gradients of its operations yet: ${remedy}`, {});
}

/**
 * A tensor must have the given type and shape. TF.js would broadcast another one in silence, and JavaScript lets
 * anything through where a tensor is wanted.
 *
 * @param why follows the shape in the message
 */
export function checkTensor(
  caller: string,
  name: string,
  tensor: Tensor,
  dtype: string,
  shape: readonly (number | string)[],
  why = '',
): void {
  checkGradients(caller);
  const show = (of: { dtype: string; shape: readonly unknown[] }) =>
    of?.shape ? `${of.dtype} [${of.shape.join(', ')}]` : of;
  const wanted = show({ dtype, shape });
  const got = show(tensor);
  if (got !== wanted) {
    fail('SHAPE_MISMATCH', caller, `${name} must be ${wanted}${why}, got ${got}`, { [name]: tensor?.shape });
  }
}

/** Logits must be float32 [batch, classes] with at least one sample. */
export function checkLogits(caller: string, name: string, logits: Tensor2D): void {
  const shape = logits?.rank === 2 && logits.size ? logits.shape : ['batch', 'classes'];
  checkTensor(caller, name, logits, 'float32', shape);
}

/** Student and teacher must speak of the same samples and classes. */
export function checkPair(caller: string, studentLogits: Tensor2D, teacherLogits: Tensor2D): void {
  checkLogits(caller, 'studentLogits', studentLogits);
  checkTensor(caller, 'teacherLogits', teacherLogits, 'float32', studentLogits.shape);
}

/**
 * Labels must be one class index for each row of the logits.
 *
 * @param readValues also check that each is in [0, classes) or `ignoreIndex`, which reads the tensor back
 */
export function checkLabels(
  caller: string,
  labels: Tensor1D,
  [batch, classes]: readonly [number, number],
  readValues = true,
  ignoreIndex?: number,
): void {
  checkTensor(caller, 'labels', labels, 'int32', [batch], ' (tf.argMax(labels, 1) of one-hot ones)');
  if (!readValues) return;
  labels.dataSync().forEach((label, index) => {
    if (label !== ignoreIndex && !(label >= 0 && label < classes)) {
      fail('INVALID_ARGUMENT', caller, `label ${label} at index ${index} is not in [0, ${classes})`, { label, index });
    }
  });
}

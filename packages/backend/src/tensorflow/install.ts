import * as tf from '@tensorflow/tfjs-core';
import { backendError } from '../errors.ts';
import { replaceKernel, undoAll } from '../registry.ts';
import { BATCH_NORM_KERNELS } from './batch-norm.ts';
import { replaceGradients } from './gradients.ts';
import { RELU6_KERNELS } from './relu6.ts';
import type { TensorflowBackend } from './tensorflow-backend.ts';
import { updateKernels } from './updates.ts';
import { createVariables } from './variables.ts';

/**
 * Completes TF.js' backend on native TensorFlow (tfjs-node, tfjs-node-gpu) for training: batch normalisation, ReLU6 and
 * the updates of the optimisers as the fused operations that TensorFlow has, and gradients that TF.js builds from many
 * operations as one. It must be the current backend; TF.js' gradients must be registered, as importing tfjs-layers does.
 *
 * @returns puts the backend's own kernels and gradients back
 * @throws {KdError} NOT_FOUND if the current backend is another
 *
 * @example
 * import { completeTensorflow } from '@kd/backend';
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * await tf.setBackend('cpu');
 * try {
 *   completeTensorflow();
 * } catch (error) {
 *   console.log((error as Error).message); // completeTensorflow: the current backend is 'cpu'; call await tf.setBackend('tensorflow') first
 * }
 */
export function completeTensorflow(): () => void {
  if (tf.getBackend() !== 'tensorflow') {
    throw backendError(
      `completeTensorflow: the current backend is '${tf.getBackend()}'; call await tf.setBackend('tensorflow') first`,
    );
  }
  const variables = createVariables(tf.backend() as TensorflowBackend);
  const kernels = { ...BATCH_NORM_KERNELS, ...RELU6_KERNELS, ...updateKernels(variables.run) };
  return undoAll([
    variables.dispose,
    ...Object.entries(kernels).map(([name, kernel]) => replaceKernel('tensorflow', name, () => kernel)),
    replaceGradients(),
  ]);
}

import * as tf from '@tensorflow/tfjs-core';

/**
 * Puts a kernel of a backend in the place of the registered one, if any.
 *
 * @param make gets the kernel that was there
 * @returns undoes it
 */
export function replaceKernel(
  backendName: string,
  kernelName: string,
  make: (original: tf.KernelFunc | undefined) => tf.KernelFunc,
): () => void {
  const original = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined;
  if (original) tf.unregisterKernel(kernelName, backendName); // else TF.js prints a warning
  tf.registerKernel({ kernelName, backendName, kernelFunc: make(original?.kernelFunc) });
  return () => {
    tf.unregisterKernel(kernelName, backendName);
    if (original) tf.registerKernel(original);
  };
}

/**
 * Puts a gradient in the place of TF.js' own, on one backend: TF.js has one for all.
 *
 * @param gradFunc gets what the original has saved
 * @returns undoes it
 */
export function replaceGradient(backendName: string, kernelName: string, gradFunc: tf.GradFunc): () => void {
  const original = tf.getGradient(kernelName) as tf.GradConfig | undefined;
  if (!original) return () => {};
  const dispatch: tf.GradFunc = (...args) => (tf.getBackend() === backendName ? gradFunc : original.gradFunc)(...args);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({ ...original, gradFunc: dispatch });
  return () => {
    tf.unregisterGradient(kernelName);
    tf.registerGradient(original);
  };
}

/** @returns undoes all, the last first */
export function undoAll(undo: readonly (() => void)[]): () => void {
  return () => {
    for (const each of [...undo].reverse()) each();
  };
}

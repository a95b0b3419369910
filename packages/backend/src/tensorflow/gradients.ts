import * as tf from '@tensorflow/tfjs-core';
import { replaceGradient, replaceKernel, undoAll } from '../registry.ts';
import { floatTypes, kernel } from './tensorflow-backend.ts';

/** `dy` where `x > 0`, else 0. */
const RELU_GRADIENT = 'KdReluGrad';

const reluGradientKernel = kernel<{ dy: tf.Tensor; x: tf.Tensor }>(({ inputs: { dy, x }, backend }) =>
  backend.executeSingleOutput('ReluGrad', floatTypes(backend, 'T'), [dy, x]),
);

function reluGradient(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return tf.engine().runKernel(RELU_GRADIENT, { dy, x }) as tf.Tensor;
}

/** `dy` for each value that went into a sum. */
function sumGradient(dy: tf.Tensor, { shape }: tf.Tensor, { axis }: tf.NamedAttrMap): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis as number | number[], shape);
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return tf.broadcastTo(tf.reshape(dy, kept), shape);
}

/** In place of TF.js' own, which take many operations or fill tensors in JavaScript. All of them have saved `x`. */
const GRADIENTS: Readonly<Record<string, (dy: tf.Tensor, x: tf.Tensor, attrs: tf.NamedAttrMap) => tf.Tensor>> = {
  Relu: reluGradient,
  Sum: sumGradient,
  Mean: (dy, x, attrs) => sumGradient(tf.mul(dy, dy.size / x.size), x, attrs),
};

/**
 * Replaces gradients of TF.js operations on TensorFlow.
 *
 * @returns undoes it
 */
export function replaceGradients(): () => void {
  const undo = [
    replaceKernel('tensorflow', RELU_GRADIENT, () => reluGradientKernel),
    ...Object.entries(GRADIENTS).map(([kernelName, gradient]) =>
      replaceGradient('tensorflow', kernelName, (dy, [x], attrs) => ({
        x: () => gradient(dy as tf.Tensor, x!, attrs),
      })),
    ),
  ];
  // A gradient is differentiated once more for second derivatives.
  tf.registerGradient({
    kernelName: RELU_GRADIENT,
    inputsToSave: ['x'],
    gradFunc: (ddy, [x]) => ({ dy: () => reluGradient(ddy as tf.Tensor, x!), x: () => tf.zerosLike(x!) }),
  });
  return undoAll([...undo, () => tf.unregisterGradient(RELU_GRADIENT)]);
}

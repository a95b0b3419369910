import type * as tf from '@tensorflow/tfjs-core';
import { floatTypes, kernel } from './tensorflow-backend.ts';

export const RELU6_KERNELS: Readonly<Record<string, tf.KernelFunc>> = {
  KdRelu6Grad: kernel<{ dy: tf.Tensor; y: tf.Tensor }>(({ inputs: { dy, y }, backend }) =>
    backend.executeSingleOutput('Relu6Grad', floatTypes(backend, 'T'), [dy, y]),
  ),
};

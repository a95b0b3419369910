import * as tf from '@tensorflow/tfjs-core';
import { type KernelCall, kernel } from './tensorflow-backend.ts';
import type { RunUpdate } from './variables.ts';

interface AdamInputs {
  value: tf.Tensor;
  gradient: tf.Tensor;
  firstMoment: tf.Tensor;
  secondMoment: tf.Tensor;
}

interface AdamAttributes {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  step: number;
  weightDecay?: number;
}

interface SgdInputs {
  value: tf.Tensor;
  gradient: tf.Tensor;
  velocity?: tf.Tensor;
}

interface SgdAttributes {
  learningRate: number;
  momentum?: number;
  nesterov?: boolean;
  weightDecay?: number;
}

/** The optimisers' updates, as fused operations of TensorFlow. */
export function updateKernels(run: RunUpdate): Readonly<Record<string, tf.KernelFunc>> {
  function adam({ inputs, attrs, backend }: KernelCall<AdamInputs, AdamAttributes>): tf.Tensor[] {
    const { gradient, firstMoment, secondMoment } = inputs;
    const { learningRate, beta1, beta2, epsilon, step, weightDecay = 0 } = attrs;
    const value = weightDecay === 0 ? inputs.value : tf.mul(inputs.value, 1 - learningRate * weightDecay);
    // The corrections for the first steps are made here, in doubles: with powers of 0 TensorFlow's own come to 1.
    const correction = Math.sqrt(1 - beta2 ** step);
    const rate = (learningRate * correction) / (1 - beta1 ** step);
    const operands = [0, 0, rate, beta1, beta2, epsilon * correction, gradient];
    return run(backend, 'ResourceApplyAdam', [value, firstMoment, secondMoment], operands, { use_nesterov: false });
  }

  function sgd({ inputs, attrs, backend }: KernelCall<SgdInputs, SgdAttributes>): tf.Tensor[] {
    const { value, velocity } = inputs;
    const { learningRate, momentum = 0, nesterov = false, weightDecay = 0 } = attrs;
    const gradient = weightDecay === 0 ? inputs.gradient : tf.add(inputs.gradient, tf.mul(value, weightDecay));
    if (!velocity) return [tf.sub(value, tf.mul(gradient, learningRate))];
    const operands = [learningRate, gradient, momentum];
    return run(backend, 'ResourceApplyMomentum', [value, velocity], operands, { use_nesterov: nesterov });
  }

  return { KdAdam: kernel(adam), KdSgd: kernel(sgd) };
}

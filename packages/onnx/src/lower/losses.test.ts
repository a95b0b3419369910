import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import { drawValues } from '../../../losses/src/testing/draw.ts';
import { golden, type InputName, input } from '../../../losses/src/testing/goldens.ts';
import { logitGoldens } from '../../../losses/src/testing/logit-losses.ts';
import { mapGoldens } from '../../../losses/src/testing/map-losses.ts';
import { relationGoldens } from '../../../losses/src/testing/relation-losses.ts';
import { checkLowering } from '../testing/check-lowering.ts';
import { logitLosses, mapLosses, relationLosses } from '../testing/loss-cases.ts';

// Every loss of @kd/losses with its gradient, by the cases of that package's own tests.
const losses = [...logitLosses, ...mapLosses, ...relationLosses];
const goldens = Object.entries({ ...logitGoldens, ...mapGoldens, ...relationGoldens });

const SHAPES = { logits: [6, 5], embeddings: [6, 5], maps: [6, 4, 4, 6] } as const;

const valueThenGradient = (f: (x: tf.Tensor) => tf.Scalar) => (x: tf.Tensor) => {
  const { value, grad } = tf.valueAndGrad(f)(x);
  return [value, grad];
};

beforeAll(() => tf.setBackend('cpu'));

describe('value and gradient, traced and lowered, are those of eager TF.js', () => {
  it.each(losses.map((loss) => [loss.name, loss] as const))('for %s', async (_, { on, call }) => {
    const tensor = (seed: number): tf.Tensor => tf.tensor(drawValues(seed, SHAPES[on], -2, 2), [...SHAPES[on]]);
    const labels = tf.tensor1d([0, 4, 2, 1, 3, 2], 'int32');
    await checkLowering(
      (student, teacher, y) => valueThenGradient((x) => call(x, teacher!, y as tf.Tensor1D))(student!),
      [tensor(11), tensor(1000003), labels],
      { tolerance: 1e-4 },
    );
  });
});

describe('value and gradient, traced and lowered, are the golden', () => {
  it.each(goldens)('%s', async (name, loss) => {
    const { loss: value, grad, wrt } = golden(name);
    const x = input(wrt as InputName);
    await checkLowering((at) => valueThenGradient(loss as (x: tf.Tensor) => tf.Scalar)(at!), [x], {
      tolerance: 1e-4,
      expected: [tf.scalar(value), tf.tensor(grad, x.shape)],
    });
  });
});

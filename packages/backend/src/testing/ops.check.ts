import { adamUpdate, emaUpdate, sgdUpdate } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectClose, expectMatchesReference } from '../../../ops/src/testing/check-op.ts';
import { OP_CASES, VALUE_CASES } from '../../../ops/src/testing/op-cases.ts';
import { randomArray } from '../../../ops/src/testing/references/nd-array.ts';
import { adamReference, sgdReference } from '../../../ops/src/testing/references/updates.ts';
import { openBackend } from './open-backend.ts';

openBackend();

const TOLERANCE = 1e-4;

it.each([...OP_CASES, ...VALUE_CASES])('has the value and gradients of doubles: $name', (opCase) =>
  expectMatchesReference(opCase, TOLERANCE),
);

const SHAPES = [[1], [5, 7], [3, 3, 4, 9]];
const ADAM = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const SGD = { learningRate: 0.1, momentum: 0.9 };

interface UpdateCase {
  name: string;
  /** Tensors that it carries along: the value and its slots. */
  state: number;
  update: (state: tf.Tensor[], gradient: tf.Tensor, step: number) => tf.Tensor[];
  reference: (state: number[], gradient: number, step: number) => number[];
}

const UPDATES: UpdateCase[] = [
  ...[0, 0.02].map(
    (weightDecay): UpdateCase => ({
      name: `adamUpdate, weightDecay ${weightDecay}`,
      state: 3,
      update: ([value, m, v], gradient, step) => adamUpdate(value!, gradient, m!, v!, { ...ADAM, step, weightDecay }),
      reference: ([value, m, v], gradient, step) =>
        adamReference([value!, m!, v!], gradient, { ...ADAM, step, weightDecay }),
    }),
  ),
  ...[false, true].flatMap((nesterov) =>
    [0, 0.02].map(
      (weightDecay): UpdateCase => ({
        name: `sgdUpdate, nesterov ${nesterov}, weightDecay ${weightDecay}`,
        state: 2,
        update: ([value, velocity], gradient) =>
          sgdUpdate(value!, gradient, velocity!, { ...SGD, nesterov, weightDecay }) as tf.Tensor[],
        reference: ([value, velocity], gradient) =>
          sgdReference([value!, velocity!], gradient, { ...SGD, nesterov, weightDecay }),
      }),
    ),
  ),
  {
    name: 'emaUpdate',
    state: 1,
    update: ([average], gradient) => [emaUpdate(average!, gradient, 0.99)],
    reference: ([average], gradient) => [0.99 * average! + 0.01 * gradient],
  },
];

it.each(UPDATES.flatMap((update) => SHAPES.map((shape) => ({ ...update, shape }))))(
  'follows doubles over 5 steps: $name on $shape',
  async ({ state, update, reference, shape }) => {
    const size = shape.reduce((product, each) => product * each, 1);
    const start = randomArray(shape, 1).data;
    let expected = Array.from({ length: size }, (_, i) => [start[i]!, ...Array<number>(state - 1).fill(0)]);
    let tensors = Array.from({ length: state }, (_, slot) =>
      tf.tensor(
        expected.map((each) => each[slot]!),
        shape,
      ),
    );
    for (let step = 1; step <= 5; step++) {
      const gradient = Float32Array.from(randomArray(shape, 10 + step).data);
      expected = expected.map((each, i) => reference(each, gradient[i]!, step));
      const old = tensors;
      const given = tf.tensor(gradient, shape);
      const before = tf.memory().numTensors;
      tensors = update(old, given, step);
      expect(tf.memory().numTensors, 'tensors left behind').toBe(before + state);
      tf.dispose([old, given]);
    }
    for (const [slot, tensor] of tensors.entries()) {
      expectClose(
        await tensor.data(),
        expected.map((each) => each[slot]!),
        TOLERANCE,
        `slot ${slot}`,
      );
    }
    tf.dispose(tensors);
  },
);

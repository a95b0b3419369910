import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, expectMatchesReference } from '../../../ops/src/testing/check-op.ts';
import { NETWORK_NAMES, trainNetwork } from '../../../ops/src/testing/networks.ts';
import { OP_CASES, VALUE_CASES } from '../../../ops/src/testing/op-cases.ts';
import { randomArray } from '../../../ops/src/testing/references/nd-array.ts';
import { completeWasm } from './install.ts';
import { hideMemory } from './testing/hide-memory.ts';

let undo: () => void = () => {};
afterEach(() => undo());
beforeAll(async () => {
  await tf.setBackend('wasm');
});

describe('ops of @kd/ops by our kernels', () => {
  it.each([...OP_CASES, ...VALUE_CASES])('$name', async (opCase) => {
    undo = completeWasm();
    await expectMatchesReference(opCase);
  });

  const wide = (name: string, shape: number[], mean: number) => {
    const channels = shape.at(-1)!;
    const same = OP_CASES.find((each) => each.name.startsWith(name))!;
    const perChannel = [2, 3].map((seed) => randomArray([channels], seed, { mean: 1 }));
    return { ...same, inputs: () => [randomArray(shape, 1, { mean }), ...perChannel] };
  };
  it.each([
    ['batchNormTraining', [3000, 4], 0], // several blocks of sums
    ['batchNormTraining', [257, 33], 3],
    ['batchNormTraining', [2, 130], -2],
    ['layerNorm', [5, 131], 1],
  ] as const)('%s of %j', async (name, shape, mean) => {
    undo = completeWasm();
    await expectMatchesReference(wide(name, [...shape], mean));
  });
});

describe('networks of @kd/ops', () => {
  it.each(
    NETWORK_NAMES.flatMap(
      (name) =>
        [
          [name, 'by our kernels', () => () => {}],
          [name, 'without', hideMemory],
        ] as const,
    ),
  )('train as on cpu: %s, %s', async (name, _, hide) => {
    await tf.setBackend('cpu');
    const expected = await trainNetwork(name, 5);
    await tf.setBackend('wasm');
    const show = hide();
    const restore = completeWasm();
    undo = () => {
      restore();
      show();
    };
    const trained = await trainNetwork(name, 5);
    expectClose(trained.losses, expected.losses, 1e-4, 'loss');
    expect(new Set(trained.tensors).size).toBe(1);
  });
});

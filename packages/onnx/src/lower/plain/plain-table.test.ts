import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkKernel } from '../../testing/check-kernel.ts';
import { type KernelCase, toTensor } from '../../testing/kernel-cases.ts';
import { plainCases } from '../../testing/plain-cases/index.ts';
import { plainLowerings } from './plain-table.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeAll(() => tf.engine().startScope());
afterAll(() => tf.engine().endScope());

it('has cases for every kernel', () => {
  expect(Object.keys(plainCases).sort()).toEqual(Object.keys(plainLowerings).sort());
});

async function check(op: string, { ins, attrs = {}, scale = 0, expected }: KernelCase): Promise<void> {
  const tensors = Object.fromEntries(Object.entries(ins).map(([name, each]) => [name, toTensor(each)]));
  await checkKernel({ op, ins: tensors, attrs }, { scale, ...(expected ? { expected: () => expected(tensors) } : {}) });
}

describe('a lowering gives what the cpu backend gives', () => {
  it.each(Object.entries(plainCases))('for %s', async (op, cases) => {
    await fc.assert(
      fc.asyncProperty(cases, (each) => check(op, each)),
      { numRuns: 25 },
    );
  });
});

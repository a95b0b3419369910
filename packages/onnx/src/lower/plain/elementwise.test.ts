import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawValues } from '../../../../losses/src/testing/draw.ts';
import type { Node, Value } from '../../graph/graph.ts';
import { checkKernel } from '../../testing/check-kernel.ts';
import { createEmitter } from '../emitter.ts';
import { TABLES } from '../table.ts';

beforeAll(() => tf.setBackend('cpu'));

const image = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 4 }),
  width: fc.integer({ min: 1, max: 4 }),
  channels: fc.constantFrom(1, 3, 4, 8, 12, 16, 24, 32),
});

type Image = typeof image extends fc.Arbitrary<infer T> ? T : never;

/** Shapes that broadcast against an image. */
const SMALLER: Readonly<Record<string, (size: Image) => number[]>> = {
  'one number': () => [],
  'one number of rank 4': () => [1, 1, 1, 1],
  'a channel vector': ({ channels }) => [channels],
  'a channel vector of each image': ({ batch, channels }) => [batch, 1, 1, channels],
  'a map of each image': ({ batch, height, width }) => [batch, height, width, 1],
  'a map': ({ height, width }) => [height, width, 1],
  'an image': ({ height, width, channels }) => [height, width, channels],
  'a row of each image': ({ batch, width, channels }) => [batch, 1, width, channels],
};

const draw = (seed: number, shape: readonly number[], low = -2): tf.Tensor =>
  tf.tensor(drawValues(seed, shape, low, 2), [...shape]);

const RUNS = { numRuns: 6 };

describe.each(['nchw', 'blocked'] as const)('beside operands that are %s', (layout) => {
  it.each(Object.entries(SMALLER))('broadcasts %s', async (_, shapeOf) => {
    await fc.assert(
      fc.asyncProperty(image, fc.constantFrom('Multiply', 'Sub', 'RealDiv', 'Greater'), async (size, op) => {
        const a = draw(1, [size.batch, size.height, size.width, size.channels]);
        await checkKernel({ op, ins: { a, b: draw(2, shapeOf(size), 0.5) } }, { forms: { a: layout } });
        await checkKernel(
          { op, ins: { a: draw(2, shapeOf(size)), b: tf.add(tf.abs(a), 0.5) } },
          { forms: { b: layout } },
        );
      }),
      RUNS,
    );
  });

  it.each(['Relu', 'Sigmoid', 'Exp', 'Log', 'Abs', 'ClipByValue'])('%s', async (op) => {
    await fc.assert(
      fc.asyncProperty(image, async ({ batch, height, width, channels }) => {
        const x = draw(3, [batch, height, width, channels], 0.1);
        const attrs = op === 'ClipByValue' ? { clipValueMin: 0.5, clipValueMax: 1 } : {};
        await checkKernel({ op, ins: { x }, attrs }, { forms: { x: layout } });
      }),
      RUNS,
    );
  });
});

describe('the layout of the result', () => {
  const shape = [2, 3, 3, 12];
  const layoutsAfter = (op: string, block: 1 | 16, layout: string, dtype: 'float32' | 'bool' = 'float32'): string[] => {
    const emitter = createEmitter({ block }, TABLES);
    const [x, y]: Value[] = [
      { shape, dtype: 'float32' },
      { shape, dtype },
    ] as const as [Value, Value];
    emitter.put(x!, layout, 'x');
    const node: Node = { op, attrs: {}, ins: { x: x!, a: x!, b: x! }, outs: [y!] };
    emitter.emit(node);
    return ['tf', 'nchw', 'blocked'].filter((each) => emitter.has(y!, each));
  };

  it('is that of the operands', () => {
    expect(layoutsAfter('Add', 16, 'blocked')).toEqual(['blocked']);
    expect(layoutsAfter('Add', 1, 'nchw')).toEqual(['nchw']);
    expect(layoutsAfter('Add', 16, 'tf')).toEqual(['tf']);
  });

  it('is no block whose unused lanes would become infinite, or that is not of floats', () => {
    expect(layoutsAfter('RealDiv', 16, 'blocked')).toEqual(['tf']);
    expect(layoutsAfter('Greater', 16, 'blocked', 'bool')).toEqual(['tf']);
  });
});

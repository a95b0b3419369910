import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkKernel } from '../../testing/check-kernel.ts';
import { eachSeen, geometryOf, infoOf, noise, type WindowCase, windowCases } from '../../testing/convolution-cases.ts';
import { machineTargets } from '../../testing/machine-targets.ts';

const targets = await machineTargets();
const RUNS = 60;

const plain = windowCases.map((each): WindowCase => ({ ...each, dilations: [1, 1] }));
/** No window lies in the padding alone: it would have no maximum. */
const cases = plain.filter((each) => {
  const { padInfo, filterHeight, filterWidth, outHeight, outWidth } = infoOf(each);
  const { top, bottom, left, right } = padInfo;
  return outHeight > 0 && outWidth > 0 && Math.max(top, bottom) < filterHeight && Math.max(left, right) < filterWidth;
});

const attrsOf = ({ kernel, strides, pad }: WindowCase) => ({ filterSize: kernel, strides, pad });
const outputShape = (each: WindowCase): number[] => {
  const { outHeight, outWidth } = infoOf(each);
  return [each.x[0], outHeight, outWidth, each.x[3]];
};

/** Few different values, so that many windows have their maximum several times. */
const steps = (shape: number[], seed: number): tf.Tensor => tf.round(noise(shape, seed));

describe('MaxPool', () => {
  it('is that of the cpu backend', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (each) => {
        const x = noise(each.x, each.seed);
        const node = { geometry: geometryOf(each) };
        const forms = { x: each.layouts[0] };
        await checkKernel({ op: 'MaxPool', ins: { x }, attrs: attrsOf(each) }, { targets, forms, node });
      }),
      { numRuns: RUNS },
    );
  });

  it('gives the gradient to the first maximum, as the cpu backend does', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (each) => {
        const input = steps(each.x, each.seed);
        const dy = noise(outputShape(each), each.seed + 1);
        const output = tf.zeros(dy.shape); // nobody reads it
        await checkKernel(
          { op: 'MaxPoolGrad', ins: { dy, input, output }, attrs: attrsOf(each) },
          {
            targets,
            forms: { dy: each.layouts[0], input: each.layouts[1] },
            node: { geometry: geometryOf(each) },
          },
        );
      }),
      { numRuns: RUNS },
    );
  });
});

/** Every window divided by its pixels inside of the image, in doubles; TF.js' cpu backend divides its gradient by all. */
function averageReference(each: WindowCase, values: tf.Tensor, direction: 'forward' | 'gradient'): tf.Tensor {
  const channels = each.x[3];
  const shape = direction === 'forward' ? outputShape(each) : [...each.x];
  const counts = new Map<number, number>();
  eachSeen(each, (_x, _tap, y) => counts.set(y, (counts.get(y) ?? 0) + 1));
  const from = values.dataSync();
  const into = new Float64Array(tf.util.sizeFromShape(shape));
  eachSeen(each, (x, _tap, y) => {
    const [to, at] = direction === 'forward' ? [y, x] : [x, y];
    for (let c = 0; c < channels; c++) into[to * channels + c]! += from[at * channels + c]! / counts.get(y)!;
  });
  return tf.tensor(Float32Array.from(into), shape);
}

describe('AvgPool', () => {
  it.each(['forward', 'gradient'] as const)('%s: counts the pixels inside of the image', async (direction) => {
    await fc.assert(
      fc.asyncProperty(cases, async (each) => {
        const input = noise(each.x, each.seed);
        const dy = noise(outputShape(each), each.seed + 1);
        const forward = direction === 'forward';
        await checkKernel(
          {
            op: forward ? 'AvgPool' : 'AvgPoolGrad',
            ins: forward ? { x: input } : { dy, input },
            attrs: attrsOf(each),
          },
          {
            targets,
            forms: forward ? { x: each.layouts[0] } : { dy: each.layouts[0] },
            node: { geometry: geometryOf(each) },
            expected: () => [averageReference(each, forward ? input : dy, direction)],
          },
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('has a reference that agrees with TF.js', () => {
    const each: WindowCase = {
      x: [2, 5, 6, 3],
      kernel: [3, 3],
      strides: [2, 2],
      dilations: [1, 1],
      pad: 'same',
      outputs: 1,
      layouts: ['tf', 'tf'],
      seed: 1,
    };
    const x = noise(each.x, 1) as tf.Tensor4D;
    const difference = tf.sub(averageReference(each, x, 'forward'), tf.avgPool(x, 3, 2, 'same'));
    expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-6);
  });
});

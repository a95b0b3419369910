import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkKernel } from '../../testing/check-kernel.ts';
import { geometryOf, infoOf, noise, type WindowCase, windowCases } from '../../testing/convolution-cases.ts';
import { denseReference, depthwiseReference } from '../../testing/convolution-reference.ts';
import { machineTargets } from '../../testing/machine-targets.ts';

const targets = await machineTargets();
const RUNS = 100;

const kinds = [
  { kernel: 'Conv2D', reference: denseReference, cases: windowCases, depthwise: false },
  {
    kernel: 'DepthwiseConv2dNative',
    reference: depthwiseReference,
    cases: windowCases.map((each) => ({ ...each, outputs: each.outputs <= 4 ? each.outputs : 1 })),
    depthwise: true,
  },
] as const;

describe.each(kinds)('$kernel', ({ kernel, reference, cases, depthwise }) => {
  const filterOf = (each: WindowCase) => noise([...each.kernel, each.x[3], each.outputs], each.seed + 1);
  const gradientOf = (each: WindowCase) => {
    const { outHeight, outWidth } = infoOf(each);
    const channels = depthwise ? each.x[3] * each.outputs : each.outputs;
    return noise([each.x[0], outHeight, outWidth, channels], each.seed + 2);
  };
  const attrsOf = ({ strides, dilations, pad }: WindowCase) => ({ strides, dilations, pad });

  it('is what its definition says', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (each) => {
        const [x, filter] = [noise(each.x, each.seed), filterOf(each)];
        await checkKernel(
          { op: kernel, ins: { x, filter }, attrs: attrsOf(each) },
          {
            targets,
            forms: { x: each.layouts[0] },
            node: { geometry: geometryOf(each) },
            expected: () => [reference.forward(each, x, filter)],
          },
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('has its input gradient', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (each) => {
        const [dy, filter] = [gradientOf(each), filterOf(each)];
        await checkKernel(
          { op: `${kernel}BackpropInput`, ins: { dy, filter }, attrs: { ...attrsOf(each), inputShape: each.x } },
          {
            targets,
            forms: { dy: each.layouts[0] },
            node: { geometry: geometryOf(each) },
            expected: () => [reference.inputGradient(each, dy, filter)],
          },
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('has its filter gradient', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (each) => {
        const [x, dy] = [noise(each.x, each.seed), gradientOf(each)];
        const filterShape = [...each.kernel, each.x[3], each.outputs];
        await checkKernel(
          { op: `${kernel}BackpropFilter`, ins: { x, dy }, attrs: { ...attrsOf(each), filterShape } },
          {
            targets,
            forms: { x: each.layouts[0], dy: each.layouts[1] },
            node: { geometry: geometryOf(each) },
            expected: () => [reference.filterGradient(each, x, dy)],
            tolerance: 2e-5,
          },
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('has a reference that agrees with TF.js', () => {
    const each: WindowCase = {
      x: [2, 7, 6, 3],
      kernel: [3, 2],
      strides: [1, 1],
      dilations: [2, 1],
      pad: 'same',
      outputs: 2,
      layouts: ['tf', 'tf'],
      seed: 1,
    };
    const [x, filter] = [noise(each.x, 1) as tf.Tensor4D, filterOf(each) as tf.Tensor4D];
    const convolve = depthwise ? tf.depthwiseConv2d : tf.conv2d;
    const expected = convolve(x, filter, each.strides, 'same', 'NHWC', each.dilations);
    const difference = tf.max(tf.abs(tf.sub(reference.forward(each, x, filter), expected)));
    expect(difference.dataSync()[0]).toBeLessThan(1e-5);
  });
});

describe('Conv2DBackpropFilter at sizes where it goes other ways', () => {
  const each: Omit<WindowCase, 'x' | 'kernel' | 'outputs'> = {
    strides: [1, 1],
    dilations: [1, 1],
    pad: 'same',
    layouts: ['tf', 'blocked'],
    seed: 1,
  };
  it.each<[string, WindowCase]>([
    ['windows of some images at a time', { ...each, x: [3, 144, 144, 3], kernel: [7, 7], strides: [2, 2], outputs: 2 }],
    ['one product for each image', { ...each, x: [2, 16, 15, 20], kernel: [3, 3], outputs: 18 }],
    ['one product of all images', { ...each, x: [3, 7, 9, 20], kernel: [3, 3], outputs: 18 }],
    ['paddings of one side', { ...each, x: [2, 6, 9, 16], kernel: [2, 4], outputs: 17 }],
    ['no paddings', { ...each, x: [2, 6, 9, 16], kernel: [3, 2], outputs: 17, pad: 'valid' }],
    ['a line shorter than the filter', { ...each, x: [2, 5, 2, 16], kernel: [3, 5], outputs: 17 }],
  ])('%s', async (_, window) => {
    const { outHeight, outWidth } = infoOf(window);
    const x = noise(window.x, 1);
    const dy = noise([window.x[0], outHeight, outWidth, window.outputs], 2);
    const { strides, dilations, pad } = window;
    const filterShape = [...window.kernel, window.x[3], window.outputs];
    await checkKernel(
      { op: 'Conv2DBackpropFilter', ins: { x, dy }, attrs: { strides, dilations, pad, filterShape } },
      {
        targets,
        node: { geometry: geometryOf(window) },
        expected: () => [denseReference.filterGradient(window, x, dy)],
        tolerance: 2e-5,
      },
    );
  });
});

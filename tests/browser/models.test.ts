// Networks for images, trained equally on backends that share no code.
import { randomSource } from '@kd/core';
import { arrayDataset, dataLoader } from '@kd/data';
import { mobileNetV2, vitTiny16 } from '@kd/models';
import { classification, predictLogits, sgd, train } from '@kd/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../packages/ops/src/testing/check-op.ts';
import { BACKENDS, openBackend } from './backends.ts';

const classNames = ['stripes', 'checks', 'noise'];
const SIDE = 96;

/** Four images of patterns, 96 x 96 in colour. */
function patterns() {
  const random = randomSource({ seed: 1, stream: 'noise' });
  const labels = [0, 1, 2, 0];
  const data = Uint8Array.from({ length: labels.length * SIDE * SIDE * 3 }, (_, i) => {
    const [image, y, x] = [
      Math.floor(i / (SIDE * SIDE * 3)),
      Math.floor(i / (SIDE * 3)) % SIDE,
      Math.floor(i / 3) % SIDE,
    ];
    const bright = [(x >> 3) & 1, ((x >> 4) ^ (y >> 4)) & 1, random.below(2), (x >> 2) & 1][image]!;
    return bright * 170 + random.below(80);
  });
  return dataLoader(arrayDataset({ images: { data, shape: [4, SIDE, SIDE, 3] }, labels, classNames }), {
    batchSize: 4,
  });
}

interface Model {
  make: () => LayersModel;
  steps: number;
  learningRate: number;
  /** Where a software driver is not too slow for it. @default all */
  backends?: readonly string[];
}

/** As Google has published it, and a ViT-Ti with fewer layers. Steps are short enough that a last bit does not grow. */
const MODELS: Readonly<Record<string, Model>> = {
  'MobileNetV2 0.35 for 96 pixels': {
    make: () =>
      mobileNetV2({ classNames, depthMultiplier: 0.35, imageSize: SIDE, classifierDropoutProb: 0.2, seed: 1 }),
    steps: 1,
    learningRate: 5e-4,
    backends: ['wasm', 'webgl'],
  },
  'ViT-Ti of 2 layers': {
    make: () => vitTiny16({ classNames, imageSize: SIDE, numHiddenLayers: 2, seed: 1 }),
    steps: 2,
    learningRate: 0.05,
  },
};

/** Losses and norms of gradients, and the logits after. */
async function trained({ make, steps, learningRate }: Model): Promise<{ seen: number[]; logits: Float32Array }> {
  const model = make();
  const seen: number[] = [];
  await train({
    model,
    objective: classification(),
    train: patterns(),
    epochs: steps,
    learningRate,
    optimizer: sgd({ momentum: 0 }),
    maxGradNorm: 1,
    callbacks: [{ onStepEnd: ({ loss, gradNorm }) => void seen.push(loss, gradNorm!) }],
  });
  const { logits } = await predictLogits(model, patterns());
  model.dispose();
  return { seen, logits };
}

describe.each(Object.entries(MODELS))('%s', (_, model) => {
  let first: Awaited<ReturnType<typeof trained>> | undefined;

  const able = BACKENDS.filter((name) => model.backends?.includes(name) ?? true);

  describe.each(able)('on %s', (backend) => {
    openBackend(backend);

    it('has the losses, gradients and logits that it has on the others', async () => {
      const { seen, logits } = await trained(model);
      if (model.steps > 1) expect(seen.at(-2), 'the last loss').toBeLessThan(0.95 * seen[0]!);
      first ??= { seen, logits };
      expectClose(seen, first.seen, 1e-2, 'losses and gradients');
      expectClose(logits, first.logits, 1e-2, 'logits');
    });
  });
});

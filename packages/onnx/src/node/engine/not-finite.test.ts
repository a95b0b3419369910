import { classification, type StepEngineFactory, sgd, train } from '@kd/train';
import { describe, expect, it } from 'vitest';
import { digits, network } from '../../../../train/src/testing/digits.ts';
import { outcome, poisoned, without } from '../../../../train/src/testing/not-finite.ts';
import { onnxEngine } from './onnx-engine.ts';

const engine: StepEngineFactory = onnxEngine({ threads: 1, cacheDir: false });

describe('a batch whose loss is NaN', () => {
  it.each([undefined, 0.1])(
    'leaves weights, statistics and moments as they were, clipping at %s',
    async (maxGradNorm) => {
      const clipping = maxGradNorm === undefined ? {} : { maxGradNorm };
      const expected = await outcome({ ...clipping, engine: without([1, 6], engine) });
      const skipping = await outcome({ ...clipping, engine, train: poisoned(160, [1, 6]) });
      expect(skipping.skipped).toBe(2);
      expect(skipping.weights).toEqual(expected.weights);
      expect(skipping.optimizer).toEqual(expected.optimizer);
      const losses = ({ log }: typeof skipping) => log.map(({ loss, skipped_batches }) => [loss, skipped_batches]);
      expect(losses(skipping)).toEqual(losses(expected));
    },
  );

  it.each([0, 1, 2])('is left out of the mean where gradients are accumulated: batch %i of three', async (bad) => {
    const options = () => ({
      train: poisoned(160, [bad]),
      gradientAccumulationSteps: 3,
      optimizer: sgd({ momentum: 0.9 }),
      learningRate: 0.05,
    });
    const skipping = await outcome({ ...options(), engine });
    const [tfjs, clean] = [await outcome(options()), await outcome({ ...options(), train: digits(160), engine })];
    const apart = (other: typeof tfjs): number =>
      Math.max(
        ...skipping.weights.flatMap(({ data }, i) =>
          Array.from(data, (value, at) => Math.abs(Number(value) - Number(other.weights[i]!.data[at]))),
        ),
      );
    expect(apart(tfjs)).toBeLessThan(1e-5);
    expect(apart(clean)).toBeGreaterThan(1e-3);
  });

  it('ends the run with its samples', async () => {
    const model = network();
    const options = { objective: classification(), epochs: 1, engine };
    await expect(train({ ...options, model, train: poisoned(160, [4]) })).rejects.toThrow(
      /^train: the loss is NaN at step 4, epoch 1, learning rate 0\.001 \(gradient norm NaN\); samples (\d+, ){15}\d+ and 16 more; no/,
    );
  });
});

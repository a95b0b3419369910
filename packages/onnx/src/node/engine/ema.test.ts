import type { NamedTensor } from '@kd/core';
import {
  adamW,
  type Checkpoint,
  classification,
  modelFingerprint,
  type StepEngineFactory,
  type TrainOptions,
  tfjsEngine,
  train,
} from '@kd/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { digits, network, testDigits } from '../../../../train/src/testing/digits.ts';
import { memoryCheckpoints } from '../../../../train/src/testing/memory-checkpoints.ts';
import { onnxEngine } from './onnx-engine.ts';

const onnx = (): StepEngineFactory => onnxEngine({ threads: 1, cacheDir: false });

interface Ended {
  model: LayersModel;
  losses: number[];
  saved: Checkpoint[];
}

async function run(engine: StepEngineFactory, more: Partial<TrainOptions> = {}): Promise<Ended> {
  const checkpoints = memoryCheckpoints();
  const model = more.model ?? network();
  const { history } = await train({
    objective: classification(),
    train: digits(200, { jitter: 1 }), // 7 batches
    validation: testDigits(100),
    epochs: 3,
    seed: 3,
    // A gradient that is zero but for rounding moves weights by whole steps at Adam's usual epsilon.
    optimizer: adamW({ epsilon: 1e-4 }),
    ema: { decay: 0.9 },
    checkpoints,
    ...more,
    model,
    engine,
  });
  return { model, losses: history.map(({ eval_loss }) => eval_loss as number), saved: checkpoints.saved };
}

/** Of the largest value of each tensor; at least of .1. */
function expectClose(got: readonly NamedTensor[], want: readonly NamedTensor[], tolerance = 1e-4): void {
  expect(got.map(({ name }) => name)).toEqual(want.map(({ name }) => name));
  want.forEach(({ name, data }, n) => {
    const [values, expected] = [got[n]!.data as Float32Array, data as Float32Array];
    const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0.1);
    const worst = values.reduce((max, value, i) => Math.max(max, Math.abs(value - expected[i]!)), 0);
    expect(worst / largest, name).toBeLessThan(tolerance);
  });
}

describe('ema of onnxEngine', () => {
  it.each<[string, () => Partial<TrainOptions>]>([
    ['after every batch', () => ({})],
    ['with max-norm, accumulation and clipping', () => ({ gradientAccumulationSteps: 2, maxGradNorm: 0.5 })],
    ['best evaluation', () => ({ selectBest: true })],
  ])('goes the way of tfjsEngine: %s', async (_, more) => {
    const [want, got] = [await run(tfjsEngine(), more()), await run(onnx(), more())];
    expect(got.saved).toHaveLength(3);
    got.saved.forEach(({ ema, best, model }, i) => {
      expectClose(ema, want.saved[i]!.ema);
      expectClose(best, want.saved[i]!.best);
      expect(ema).not.toEqual(model);
    });
    got.losses.forEach((loss, i) => {
      expect(Math.abs(loss / want.losses[i]! - 1)).toBeLessThan(1e-4);
    });
  });

  it.each([
    ['in the middle of an epoch', 10],
    ['at the first step', 1],
  ])('resumes bit for bit when stopped %s, and on the other engine within rounding', async (_, steps) => {
    const whole = await run(onnx());
    const controller = new AbortController();
    const { saved } = await run(onnx(), {
      signal: controller.signal,
      callbacks: [{ onStepEnd: ({ step }) => void (step === steps && controller.abort()) }],
    });
    const resume = (engine: StepEngineFactory): Promise<Ended> => {
      const checkpoints = memoryCheckpoints();
      checkpoints.saved.push(structuredClone(saved.at(-1)!));
      return run(engine, { model: network({ seed: 77 }), checkpoints, resume: true });
    };
    const resumed = await resume(onnx());
    expect(await modelFingerprint(resumed.model)).toBe(await modelFingerprint(whole.model));
    expect(resumed.losses).toEqual(whole.losses);
    const other = await resume(tfjsEngine());
    other.losses.forEach((loss, i) => {
      expect(Math.abs(loss / whole.losses[i]! - 1)).toBeLessThan(1e-4);
    });
  });

  it('of frozen weights keeps their bits, and no moments are made for them', async () => {
    const make = (): LayersModel => {
      const model = network();
      for (const name of ['fc1', 'bn1']) model.getLayer(name).trainable = false;
      return model;
    };
    const before = await run(onnx(), { model: make(), epochs: 1, learningRate: 1e-30 });
    const [want, got] = [
      await run(tfjsEngine(), { model: make(), maxGradNorm: 0.1 }),
      await run(onnx(), { model: make(), maxGradNorm: 0.1 }),
    ];
    const { ema, model, optimizer } = got.saved.at(-1)!;
    expectClose(ema, want.saved.at(-1)!.ema);
    const frozen = (tensors: readonly NamedTensor[]) =>
      tensors.filter(({ name }) => /fc1|bn1\/(gamma|beta)/.test(name));
    expect(frozen(model)).toHaveLength(4);
    expect(frozen(model)).toEqual(frozen(before.saved[0]!.model));
    expect(frozen(ema)).toEqual(frozen(model));
    expect(optimizer.filter(({ name }) => /fc1/.test(name))).toEqual([]);
    expect(optimizer.some(({ name }) => /fc2/.test(name))).toBe(true);
  });

  it('goes on with an engine that stands in', async () => {
    const warnings: string[] = [];
    const engine = onnxEngine({
      fallback: tfjsEngine(),
      onWarning: (line) => void warnings.push(line),
      load: async () => {
        throw new Error('none here');
      },
    });
    const [want, got] = [await run(tfjsEngine()), await run(engine)];
    expect(warnings).toHaveLength(1);
    expect(got.saved.at(-1)!.ema).toEqual(want.saved.at(-1)!.ema);
  });
});

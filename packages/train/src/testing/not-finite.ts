import type { DataLoader, NamedTensor } from '@kd/core';
import type { StepEngineFactory } from '../engine/step-engine.ts';
import { tfjsEngine } from '../engine/tfjs-engine.ts';
import { train } from '../loop/train.ts';
import type { TrainOptions } from '../loop/train-options.ts';
import type { LogEntry } from '../loop/train-result.ts';
import { modelFingerprint } from '../model-weights.ts';
import { classification } from '../objectives/classification.ts';
import { adamW } from '../optimizers/adam.ts';
import { digits, network } from './digits.ts';
import { memoryCheckpoints } from './memory-checkpoints.ts';

/** Batches of 32 digits; the images of some, counted over all epochs, are NaN. */
export function poisoned(samples: number, bad: readonly number[]): DataLoader {
  const good = digits(samples);
  return {
    ...good,
    async *epoch(index: number, from = 0) {
      let batch = index * good.length + from;
      for await (const each of good.epoch(index, from)) {
        if (bad.includes(batch++)) each.images.data.fill(Number.NaN);
        yield each;
      }
    },
  };
}

/** An engine that never sees the batches of these numbers: what skipping them must come to. */
export const without =
  (bad: readonly number[], engine: StepEngineFactory = tfjsEngine()): StepEngineFactory =>
  async (run) => {
    const inner = await engine(run);
    let batch = 0;
    return {
      ...inner,
      name: 'without',
      step: async (input) =>
        bad.includes(batch++)
          ? { loss: Number.NaN, parts: {}, logits: new Float32Array(0), skipped: true }
          : inner.step(input),
    };
  };

export interface Outcome {
  fingerprint: string;
  weights: NamedTensor[];
  optimizer: NamedTensor[];
  /** Without its summary. */
  log: LogEntry[];
  skipped: number;
}

/** Trains a little: weights and moments at the end, and the log. */
export async function outcome({ checkpoints: given, ...options }: Partial<TrainOptions>): Promise<Outcome> {
  const model = network(); // with batch-norm, dropout and max-norm
  const checkpoints = memoryCheckpoints();
  const result = await train({
    model,
    objective: classification(),
    train: digits(160),
    epochs: 2,
    optimizer: adamW({ weightDecay: 0.01 }),
    onNotFinite: 'skip',
    loggingStrategy: 'steps',
    loggingSteps: 2,
    ...options,
    checkpoints: given ?? checkpoints,
  });
  const { model: weights, optimizer } = (await (given ?? checkpoints).load())!;
  const log = result.logHistory.slice(0, -1);
  return { fingerprint: await modelFingerprint(model), weights, optimizer, log, skipped: result.skipped_batches };
}

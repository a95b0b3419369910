import { join } from 'node:path';
import { mlp } from '@kd/models';
import { type Callback, cachedTeacher, classification, distillation, type StepEngineFactory, train } from '@kd/train';
import { metricsCsv, metricsJsonl, progressBar, tensorBoard } from '@kd/train/node';
import { type Case, readyLoader } from './cases.ts';

/** What runs beside the loop. */
export const VARIANTS = ['alone', 'callbacks', 'callbacks and teacher'] as const;
export type Variant = (typeof VARIANTS)[number];

const BATCHES = 100; // of an epoch

/** An engine that does nothing. */
const idle =
  ({ batchSize, classes }: Case): StepEngineFactory =>
  () => {
    const logits = new Float32Array(batchSize * classes);
    return {
      name: 'idle',
      step: async () => ({ loss: 1, parts: { hard_loss: 1, soft_loss: 1 }, logits, gradNorm: 1 }),
    };
  };

/** A terminal that nobody looks at. */
const terminal = { isTTY: true, columns: 120, write: () => true };

/**
 * Trains with an engine that does nothing.
 *
 * @returns milliseconds a step, epochs' ends included
 */
export async function measureLoop(each: Case, variant: Variant, steps: number, folder: string): Promise<number> {
  const { imageShape, classes } = each;
  const loader = readyLoader(each, BATCHES);
  const model = mlp({ inputShape: [...imageShape], hiddenSizes: [1], classNames: loader.classNames }); // never asked
  const callbacks: Callback[] =
    variant === 'alone'
      ? []
      : [
          metricsJsonl(join(folder, 'metrics.jsonl')),
          metricsCsv(join(folder, 'metrics.csv')),
          tensorBoard(join(folder, 'logs')),
          progressBar({ stream: terminal }),
        ];
  const teacher = cachedTeacher({
    deterministic: true,
    fingerprint: async () => 'zeros',
    logits: async ({ ids }) => new Float32Array(ids.length * classes),
  });
  let [first, last] = [0, 0];
  // The first epoch fills the teacher's cache and warms up.
  const clock: Callback = {
    onStepEnd({ step }) {
      if (step === BATCHES) first = performance.now();
      if (step === BATCHES + steps) last = performance.now();
    },
  };
  await train({
    model,
    objective: variant === 'callbacks and teacher' ? distillation({ teacher }) : classification(),
    train: loader,
    maxSteps: BATCHES + steps,
    loggingStrategy: 'steps',
    loggingSteps: 10,
    engine: idle(each),
    callbacks: [...callbacks, clock],
  });
  model.dispose();
  return (last - first) / steps;
}

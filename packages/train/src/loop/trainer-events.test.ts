import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { arrayDataset, dataLoader } from '@kd/data';
import { mlp } from '@kd/models';
import { describe, expect, it } from 'vitest';
import type { Callback } from '../callbacks/callback.ts';
import { earlyStopping } from '../callbacks/early-stopping.ts';
import { classification } from '../objectives/classification.ts';
import { linearSchedule } from '../schedules/linear.ts';
import { plateauSchedule } from '../schedules/plateau.ts';
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';

// What the Trainer of transformers did after which step, made by fixtures/make_trainer_events.py.
interface Event {
  what: 'log' | 'evaluate' | 'save' | 'summary';
  step: number;
  epoch: number;
  learning_rate?: number;
}
interface Scenario {
  // biome-ignore lint/suspicious/noExplicitAny: arguments of many types
  arguments: Record<string, any>;
  scores: number[] | null;
  events: Event[];
  state: Record<string, number | null>;
}
const { samples, batch, scenarios } = JSON.parse(
  readFileSync(new URL('../../fixtures/trainer-events.json', import.meta.url), 'utf8'),
) as { samples: number; batch: number; scenarios: Record<string, Scenario> };

/** Arguments of the Trainer as options of `train`. */
function optionsOf({ arguments: given, scores }: Scenario): Partial<TrainOptions> {
  const best = { metric: 'eval_score', mode: 'max' } as const;
  return {
    epochs: given.num_train_epochs ?? 3,
    maxSteps: given.max_steps ?? -1,
    gradientAccumulationSteps: given.gradient_accumulation_steps ?? 1,
    loggingStrategy: given.logging_strategy ?? 'steps',
    loggingSteps: given.logging_steps ?? 500,
    loggingFirstStep: given.logging_first_step ?? false,
    evalStrategy: given.eval_strategy ?? 'no',
    ...(given.eval_steps ? { evalSteps: given.eval_steps } : {}),
    evalDelay: given.eval_delay ?? 0,
    saveStrategy: given.save_strategy ?? 'steps',
    saveSteps: given.save_steps ?? 500,
    ...(scores ? { selectBest: best } : {}),
    schedule: given.lr_scheduler_type
      ? plateauSchedule({ ...(given.lr_scheduler_kwargs as object), metric: 'eval_score' })
      : linearSchedule(),
    callbacks: given.patience ? [earlyStopping({ ...best, patience: given.patience, threshold: given.threshold })] : [],
  };
}

async function run(scenario: Scenario) {
  const dataset = arrayDataset({
    images: { data: Uint8Array.from({ length: 4 * samples }, (_, i) => (i * 37) % 256), shape: [samples, 2, 2] },
    labels: Array.from({ length: samples }, (_, i) => i % 2),
    classNames: ['even', 'odd'],
  });
  const loader = dataLoader(dataset, { batchSize: batch });
  const options = optionsOf(scenario);
  const script = [...(scenario.scores ?? [])];
  const events: Event[] = [];
  const recorder: Callback = {
    onLog({ step, epoch, ...values }) {
      const what = 'train_runtime' in values ? 'summary' : 'eval_loss' in values ? 'evaluate' : 'log';
      events.push({ what, step, epoch, ...(what === 'log' ? { learning_rate: values.learning_rate! } : {}) });
    },
    onSave: ({ step }) => void events.push({ what: 'save', step, epoch: checkpoints.saved.at(-1)!.state.epoch }),
  };
  const checkpoints = memoryCheckpoints();
  const result = await train({
    model: mlp({ inputShape: [2, 2, 1], hiddenSizes: [], classNames: ['even', 'odd'] }),
    objective: classification(),
    train: loader,
    validation: loader,
    learningRate: 0.01,
    checkpoints,
    ...options,
    // Asked about made-up answers first, to learn what it computes.
    ...(scenario.scores
      ? { computeMetrics: ({ ids }) => ({ score: ids.length === samples ? script.shift()! : 0 }) }
      : {}),
    callbacks: [...options.callbacks!, recorder],
  });
  return { events, result, checkpoints };
}

/** Ours saves behind what else is due at a step, the Trainer before what is due at an epoch's end. */
const ordered = (events: readonly Event[]): Event[] => {
  const order = ['log', 'evaluate', 'save', 'summary'];
  return [...events].sort((a, b) => a.step - b.step || order.indexOf(a.what) - order.indexOf(b.what));
};

describe.each(Object.entries(scenarios))('%s', (_, scenario) => {
  it('does what the Trainer of transformers does, at the same steps', async () => {
    const { events, result, checkpoints } = await run(scenario);
    const brief = ({ what, step }: Event): string => `${what} ${step}`;
    const expected = ordered(scenario.events);
    expect(ordered(events).map(brief)).toEqual(expected.map(brief));
    ordered(events).forEach(({ epoch, learning_rate }, i) => {
      expect(epoch).toBeCloseTo(expected[i]!.epoch, 12);
      const rate = expected[i]!.learning_rate;
      if (rate === undefined) expect(learning_rate).toBeUndefined();
      else expect(learning_rate).toBeCloseTo(rate, 12);
    });
    const { epoch, global_step, best_metric, best_global_step: _step, ...sizes } = scenario.state;
    expect(result).toMatchObject({ epoch, steps: global_step });
    expect(result.best?.value ?? null).toBe(best_metric);
    if (checkpoints.saved.length > 0) expect(checkpoints.saved.at(-1)!.state).toMatchObject(sizes);
  });
});

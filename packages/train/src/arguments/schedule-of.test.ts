import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/training-arguments.json' with { type: 'json' };
import { resolveArguments } from './resolve-arguments.ts';
import { scheduleOf } from './schedule-of.ts';
import { trainSettings } from './train-settings.ts';
import type { LrSchedulerKwargs, SchedulerName, TrainingArguments } from './training-arguments.ts';

const { base_lr: learningRate, steps } = fixture;
const camel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase());

function scheduleFor(given: TrainingArguments) {
  return scheduleOf('distill', resolveArguments({ learningRate, ...given }, { validation: true }));
}

describe('lrSchedulerType', () => {
  it('has every type of transformers', () => {
    for (const lrSchedulerType of fixture.schedulers as SchedulerName[]) {
      expect(
        fixture.schedules.some(({ type }) => type === lrSchedulerType) || lrSchedulerType === 'reduce_lr_on_plateau',
      ).toBe(true);
    }
  });

  it.each(
    fixture.schedules.map(
      (each) => [`${each.type} ${JSON.stringify(each.kwargs)} after ${each.warmup_steps}`, each] as const,
    ),
  )('%s has the rates of get_scheduler', (_, { type, warmup_steps: warmupSteps, kwargs, lr }) => {
    const lrSchedulerKwargs = Object.fromEntries(
      Object.entries(kwargs ?? {}).map(([name, value]) => [camel(name), value]),
    ) as LrSchedulerKwargs;
    const schedule = scheduleFor({ lrSchedulerType: type as SchedulerName, warmupSteps, lrSchedulerKwargs });
    lr.forEach((rate, step) => {
      const ours = learningRate * schedule.factor(step, steps, { learningRate, stepsPerEpoch: 10 });
      expect(Math.abs(ours - rate), `step ${step}: ${ours} and ${rate}`).toBeLessThanOrEqual(1e-9 * rate + 1e-16);
    });
  });

  it('takes the metric and its direction to the plateau', () => {
    const schedule = scheduleFor({
      lrSchedulerType: 'reduce_lr_on_plateau',
      metricForBestModel: 'accuracy',
      lrSchedulerKwargs: { patience: 0, factor: 0.5 },
    });
    expect(schedule.settings).toMatchObject({ metric: 'eval_accuracy', mode: 'max', factor: 0.5 });
    const dropped = [0.5, 0.6, 0.4].map((eval_accuracy) => schedule.onEvaluate!({ eval_accuracy }));
    expect(dropped).toEqual([false, false, true]);
  });

  it.each<[TrainingArguments, string]>([
    [
      { lrSchedulerType: 'cosine', lrSchedulerKwargs: { power: 2 } },
      "distill: lrSchedulerKwargs of 'cosine': there is no 'power'; it takes numCycles",
    ],
    [
      { lrSchedulerType: 'warmup_stable_decay' },
      "distill: lrSchedulerKwargs of 'warmup_stable_decay': 'numDecaySteps' is missing; it takes numDecaySteps",
    ],
    [
      { lrSchedulerType: 'cosine_with_min_lr', lrSchedulerKwargs: { minLr: 1e-6, minLrRate: 0.1 } },
      "distill: lrSchedulerKwargs of 'cosine_with_min_lr': one of minLr and minLrRate is needed",
    ],
    [{ lrSchedulerKwargs: { power: 2 } }, "distill: lrSchedulerKwargs of 'linear': there is no 'power'; it takes none"],
  ])('refuses %j', (given, message) => {
    expect(() => scheduleFor(given)).toThrow(message);
  });
});

describe('trainSettings', () => {
  const settings = (given: TrainingArguments) =>
    trainSettings('distill', resolveArguments(given, { validation: true }), 11);

  it('makes steps of a part of an epoch, as the Trainer does', () => {
    expect(settings({ epochs: 2 })).toMatchObject({ epochs: 2, maxSteps: -1 });
    // ceil(2.5 * ceil(11 / 2)) updates
    expect(settings({ epochs: 2.5, gradientAccumulationSteps: 2 })).toMatchObject({ epochs: 3, maxSteps: 15 });
    expect(settings({ epochs: 2.5, maxSteps: 4 })).toMatchObject({ maxSteps: 4 });
  });

  it('leaves biases and layer norms out of the decay, with either optimiser', () => {
    for (const optim of ['adamw_torch', 'sgd'] as const) {
      const { optimizer } = settings({ optim, weightDecay: 0.05 });
      expect(optimizer.settingsOf('classifier/kernel').weightDecay).toBe(0.05);
      expect(optimizer.settingsOf('classifier/bias').weightDecay).toBe(0);
    }
  });

  it('clips to 1 unless told otherwise', () => {
    expect(settings({}).maxGradNorm).toBe(1);
    expect(settings({ maxGradNorm: 0 })).not.toHaveProperty('maxGradNorm');
  });
});

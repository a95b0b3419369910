import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/schedules.json' with { type: 'json' };
import { plateauSchedule } from './plateau.ts';
import { constantSchedule, linearSchedule } from './schedule.ts';

const { schedules, base_lr: base, steps } = fixture;

describe('schedules', () => {
  it.each([
    ['constant', constantSchedule()],
    ['linear', linearSchedule()],
    ['linear_warmup', linearSchedule({ warmupSteps: 5 })],
  ] as const)('%s has the rates of transformers', (name, schedule) => {
    schedules[name].lr.forEach((rate, step) => {
      expect(base * schedule.factor(step, steps)).toBeCloseTo(rate, 12);
    });
  });

  it.each([
    ['reduce_on_plateau', { patience: 10 }],
    ['reduce_on_plateau_small_gains', {}],
  ] as const)("%s has torch's rates", (name, options) => {
    const schedule = plateauSchedule(options);
    schedules[name].lr.forEach((rate, step) => {
      expect(base * schedule.factor(step, steps)).toBeCloseTo(rate, 12);
      schedule.onEpochEnd!({ eval_loss: schedules[name].metric[step]! });
    });
    expect(base * schedule.factor(0, 1)).toBeCloseTo(schedules[name].lr_after_last, 12);
  });

  it('plateau goes on from its state, and says when it drops', () => {
    const [whole, first] = [plateauSchedule({ patience: 1 }), plateauSchedule({ patience: 1 })];
    const losses = [3, 2, 2, 2, 1, 1, 1];
    const dropped = losses.map((loss) => whole.onEpochEnd!({ eval_loss: loss }));
    expect(dropped).toEqual([false, false, false, true, false, false, true]);
    for (const loss of losses.slice(0, 3)) first.onEpochEnd!({ eval_loss: loss });
    const resumed = plateauSchedule({ patience: 1 });
    resumed.restore!(first.state!());
    expect(losses.slice(3).map((loss) => resumed.onEpochEnd!({ eval_loss: loss }))).toEqual(dropped.slice(3));
  });

  it('names what is wrong', () => {
    expect(() => plateauSchedule({ factor: 1 })).toThrow('plateauSchedule: factor must be in (0, 1), got 1');
    expect(() => plateauSchedule().onEpochEnd!({ train_loss: 1 })).toThrow(
      "the epoch has no 'eval_loss', it has train_loss",
    );
    expect(() => linearSchedule({ warmupSteps: -1 })).toThrow('warmupSteps must be an integer >= 0, got -1');
  });
});

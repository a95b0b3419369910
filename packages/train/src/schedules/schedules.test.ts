import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/schedules.json' with { type: 'json' };
import { constantSchedule } from './constant.ts';
import { cosineSchedule, cosineWithRestartsSchedule } from './cosine.ts';
import { inverseSqrtSchedule } from './inverse-sqrt.ts';
import { linearSchedule } from './linear.ts';
import { oneCycleSchedule } from './one-cycle.ts';
import { plateauSchedule } from './plateau.ts';
import { polynomialSchedule } from './polynomial.ts';
import type { Schedule } from './schedule.ts';
import { multiStepSchedule, stepSchedule } from './step.ts';

const { schedules, base_lr: base, steps } = fixture;
const context = { learningRate: base, stepsPerEpoch: 10 };
type Name = keyof typeof schedules;

const cases: Partial<Record<Name, Schedule>> = {
  constant: constantSchedule(),
  constant_with_warmup: constantSchedule({ warmupSteps: 5 }),
  linear: linearSchedule(),
  linear_warmup: linearSchedule({ warmupRatio: 0.1 }),
  cosine: cosineSchedule(),
  cosine_warmup: cosineSchedule({ warmupSteps: 5 }),
  cosine_with_min_lr: cosineSchedule({ warmupSteps: 5, minLearningRate: 0.01 }),
  cosine_annealing: cosineSchedule({ minLearningRate: 0.001 }),
  cosine_with_restarts: cosineWithRestartsSchedule(),
  cosine_with_restarts_3_warmup: cosineWithRestartsSchedule({ warmupSteps: 5, cycles: 3 }),
  polynomial: polynomialSchedule(),
  polynomial_power_2_warmup: polynomialSchedule({ warmupSteps: 5, power: 2, endLearningRate: 0.001 }),
  inverse_sqrt_warmup: inverseSqrtSchedule({ warmupSteps: 5 }),
  step: stepSchedule({ stepSize: 12, gamma: 0.5, unit: 'step' }),
  multistep: multiStepSchedule({ milestones: [10, 25, 40], unit: 'step' }),
  exponential: stepSchedule({ stepSize: 1, gamma: 0.95, unit: 'step' }),
  one_cycle: oneCycleSchedule(),
  one_cycle_linear_three_phase: oneCycleSchedule({
    annealStrategy: 'linear',
    threePhase: true,
    pctStart: 0.2,
    divFactor: 10,
    finalDivFactor: 100,
  }),
};

const plateaus: Partial<Record<Name, Schedule>> = {
  reduce_on_plateau: plateauSchedule({ patience: 10 }),
  reduce_on_plateau_small_gains: plateauSchedule(),
  reduce_on_plateau_max_cooldown: plateauSchedule({
    mode: 'max',
    factor: 0.5,
    patience: 3,
    threshold: 0.01,
    thresholdMode: 'abs',
    cooldown: 2,
    minLearningRate: 0.01,
  }),
};

describe('schedules', () => {
  it('every schedule of the fixture has a case', () => {
    expect(Object.keys({ ...cases, ...plateaus }).sort()).toEqual(Object.keys(schedules).sort());
  });

  it.each(Object.entries(cases))('%s has the rates of transformers or torch', (name, schedule) => {
    const { arguments: given, lr, lr_after_last } = schedules[name as Name];
    const total = 'total_steps' in given ? given.total_steps : steps;
    [...lr, lr_after_last].forEach((rate, step) => {
      const ours = base * schedule.factor(step, total, context);
      expect(Math.abs(ours - rate), `step ${step}: ${ours} and ${rate}`).toBeLessThanOrEqual(1e-9 * rate + 1e-16);
    });
  });

  it.each(Object.entries(plateaus))("%s has torch's rates", (name, schedule) => {
    const { lr, lr_after_last, metric } = schedules[name as 'reduce_on_plateau'];
    lr.forEach((rate, step) => {
      expect(base * schedule.factor(step, steps, context)).toBeCloseTo(rate, 12);
      schedule.onEvaluate!({ eval_loss: metric[step]! });
    });
    expect(base * schedule.factor(0, 1, context)).toBeCloseTo(lr_after_last, 12);
  });

  it('step and multistep count epochs unless told otherwise', () => {
    const [every, at] = [stepSchedule({ stepSize: 2 }), multiStepSchedule({ milestones: [2] })];
    for (const schedule of [every, at]) {
      expect([0, 19, 20, 39].map((step) => schedule.factor(step, 100, context))).toEqual([1, 1, 0.1, 0.1]);
    }
    expect(every.factor(40, 100, context)).toBeCloseTo(0.01, 12);
  });

  it('a warm-up ratio is rounded up, as in Trainer, and a number of steps goes before it', () => {
    expect(linearSchedule({ warmupRatio: 0.101 }).factor(5, 50, context)).toBeCloseTo(5 / 6, 12);
    expect(linearSchedule({ warmupRatio: 0.5, warmupSteps: 10 }).factor(5, 50, context)).toBe(0.5);
  });

  it('plateau goes on from its state, and says when it drops', () => {
    const options = { patience: 1, cooldown: 1 };
    const [whole, first] = [plateauSchedule(options), plateauSchedule(options)];
    const losses = [3, 2, 2, 2, 1, 1, 1, 1, 1];
    const dropped = losses.map((loss) => whole.onEvaluate!({ eval_loss: loss }));
    expect(dropped).toEqual([false, false, false, true, false, false, true, false, false]);
    for (const cut of [3, 4, 7]) {
      const part = plateauSchedule(options);
      for (const loss of losses.slice(0, cut)) part.onEvaluate!({ eval_loss: loss });
      const resumed = plateauSchedule(options);
      resumed.restore!(part.state!());
      expect(losses.slice(cut).map((loss) => resumed.onEvaluate!({ eval_loss: loss }))).toEqual(dropped.slice(cut));
    }
    expect(first.state!()).not.toEqual(whole.state!());
  });

  it.each<[() => unknown, string]>([
    [() => plateauSchedule({ factor: 1 }), 'plateauSchedule: factor must be in (0, 1), got 1'],
    [() => plateauSchedule({ cooldown: -1 }), 'plateauSchedule: cooldown must be >= 0, got -1'],
    [() => plateauSchedule().onEvaluate!({ train_loss: 1 }), "the evaluation has no 'eval_loss', it has train_loss"],
    [() => linearSchedule({ warmupSteps: -1 }), 'linearSchedule: warmupSteps must be an integer >= 0, got -1'],
    [() => cosineSchedule({ warmupRatio: 2 }), 'cosineSchedule: warmupRatio must be in [0, 1], got 2'],
    [() => cosineSchedule({ cycles: 0 }), 'cosineSchedule: cycles must be > 0, got 0'],
    [() => cosineWithRestartsSchedule({ cycles: 1.5 }), 'cycles must be an integer >= 1, got 1.5'],
    [() => polynomialSchedule({ power: 0 }), 'polynomialSchedule: power must be > 0, got 0'],
    [
      () => polynomialSchedule({ endLearningRate: 1 }).factor(0, 1, context),
      'polynomialSchedule: endLearningRate 1 must be below the base rate 0.1',
    ],
    [() => inverseSqrtSchedule({ timescale: 0 }), 'inverseSqrtSchedule: timescale must be > 0, got 0'],
    [() => stepSchedule({ stepSize: 0.5 }), 'stepSchedule: stepSize must be an integer >= 1, got 0.5'],
    [() => multiStepSchedule({ milestones: [3, 3] }), 'multiStepSchedule: milestones must rise, got 3, 3'],
    [() => oneCycleSchedule({ pctStart: 1 }), 'oneCycleSchedule: pctStart must be in (0, 1), got 1'],
    [() => oneCycleSchedule({ divFactor: 0 }), 'oneCycleSchedule: divFactor must be >= 1, got 0'],
  ])('names what is wrong: %s', (make, message) => {
    expect(make).toThrow(message);
  });
});

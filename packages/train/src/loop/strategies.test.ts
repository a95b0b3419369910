import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Callback } from '../callbacks/callback.ts';
import { earlyStopping } from '../callbacks/early-stopping.ts';
import { modelFingerprint } from '../model-weights.ts';
import { metricsJsonl } from '../node/jsonl.ts';
import { classification } from '../objectives/classification.ts';
import { distillation } from '../objectives/distillation.ts';
import { adamW } from '../optimizers/adam.ts';
import { plateauSchedule } from '../schedules/plateau.ts';
import { cachedTeacher } from '../teachers/cached-teacher.ts';
import { modelTeacher } from '../teachers/model-teacher.ts';
import { digits, network, testDigits } from '../testing/digits.ts';
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts';
import type { EvalPrediction } from './compute-metrics.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { LogEntry } from './train-result.ts';

const objective = classification();

/** Without what a clock says. */
const timeless = (entries: readonly Record<string, number | boolean>[]) =>
  entries.map((entry) =>
    Object.fromEntries(Object.entries(entry).filter(([name]) => !/runtime|per_second/.test(name))),
  );

/** Share of samples that the model is surer than .2 about. */
const sureness = ({ predictions, labels }: EvalPrediction) => ({
  sure: predictions.filter((logit) => logit > 0.2).length / labels.length,
});

describe('the log', () => {
  it('has the mean loss of the steps since the entry before, and its parts', async () => {
    const steps: { loss: number; soft: number; rate: number; norm: number }[] = [];
    const teacher = modelTeacher(network({ seed: 2 }));
    const heard: LogEntry[] = [];
    const { logHistory, train_loss } = await train({
      model: network(),
      objective: distillation({ teacher }),
      train: digits(320), // 10 batches, 5 steps
      gradientAccumulationSteps: 2,
      maxGradNorm: 1,
      epochs: 2,
      loggingStrategy: 'steps',
      loggingSteps: 3,
      callbacks: [
        {
          onStepEnd: ({ loss, parts, learningRate: rate, gradNorm }) =>
            void steps.push({ loss, soft: parts.soft_loss!, rate, norm: gradNorm! }),
          onLog: (entry) => void heard.push(entry),
        },
      ],
    });
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(logHistory.slice(0, 3).map(({ epoch, step }) => [epoch, step])).toEqual([
      [0.6, 3],
      [1.2, 6],
      [1.8, 9],
    ]);
    for (const entry of logHistory.slice(0, 3)) {
      const window = steps.slice(entry.step - 3, entry.step);
      expect(entry.loss).toBeCloseTo(mean(window.map(({ loss }) => loss)), 12);
      expect(entry.soft_loss).toBeCloseTo(mean(window.map(({ soft }) => soft)), 12);
      expect(entry.learning_rate).toBe(window.at(-1)!.rate);
      expect(entry.grad_norm).toBe(window.at(-1)!.norm);
    }
    expect(logHistory).toHaveLength(4);
    expect(Object.keys(logHistory[3]!)).toEqual([
      ...['train_runtime', 'train_samples_per_second', 'train_steps_per_second', 'train_loss', 'epoch', 'step'],
    ]);
    expect(logHistory[3]).toMatchObject({ epoch: 2, step: 10, train_loss });
    expect(train_loss).toBeCloseTo(mean(steps.map(({ loss }) => loss)), 12);
    expect(heard).toEqual(logHistory);
  });

  it('has evaluations with what computeMetrics computes', async () => {
    const { logHistory, history, best } = await train({
      model: network(),
      objective,
      train: digits(320),
      validation: testDigits(200),
      maxSteps: 12,
      evalStrategy: 'steps',
      evalSteps: 4,
      computeMetrics: sureness,
      selectBest: { metric: 'eval_sure', mode: 'max' },
    });
    const evaluations = logHistory.filter((entry) => 'eval_loss' in entry);
    expect(evaluations.map(({ epoch, step }) => [epoch, step])).toEqual([
      [0.4, 4],
      [0.8, 8],
      [1.2, 12],
    ]);
    const names = ['loss', 'accuracy', 'sure', 'runtime', 'samples_per_second', 'steps_per_second'];
    expect(Object.keys(evaluations[0]!)).toEqual([...names.map((name) => `eval_${name}`), 'epoch', 'step']);
    const { eval_runtime, eval_samples_per_second, eval_steps_per_second } = evaluations[0]!;
    expect(eval_runtime! * eval_samples_per_second!).toBeCloseTo(200, 6);
    expect(eval_runtime! * eval_steps_per_second!).toBeCloseTo(2, 6);
    expect(best).toMatchObject({
      metric: 'eval_sure',
      value: Math.max(...evaluations.map(({ eval_sure }) => eval_sure!)),
    });
    // The first epoch ended at step 10, without an evaluation; the run inside the second, with one.
    expect(history.map(({ epoch, step, eval_sure }) => [epoch, step, eval_sure])).toEqual([
      [1, 10, undefined],
      [1.2, 12, evaluations[2]!.eval_sure],
    ]);
  });
});

describe('evaluations and checkpoints by steps', () => {
  const options = (): Omit<TrainOptions, 'model'> => ({
    objective: distillation({ teacher: cachedTeacher(modelTeacher(network({ seed: 9 }))), temperature: 4 }),
    optimizer: adamW({ weightDecay: 0.01 }),
    learningRate: 0.01,
    schedule: plateauSchedule({ patience: 0, factor: 0.5, metric: 'eval_loss' }),
    train: digits(320, { jitter: 2 }), // 10 batches, the last update of an epoch has 1 of 3
    validation: testDigits(200),
    gradientAccumulationSteps: 3,
    maxGradNorm: 1,
    selectBest: { metric: 'eval_sure', mode: 'max', reloadOnDrop: true },
    computeMetrics: sureness,
    loggingStrategy: 'steps',
    loggingSteps: 2,
    loggingFirstStep: true,
    evalStrategy: 'steps',
    evalSteps: 3,
    saveStrategy: 'steps',
    saveSteps: 5,
    maxSteps: 15,
    seed: 3,
  });

  it.each([1, 5, 6, 7, 8, 11, 12])('resume bit for bit when stopped at step %i', async (stopAt) => {
    const [whole, resumed] = [network(), network({ seed: 77 })];
    const wholeStore = memoryCheckpoints();
    const uninterrupted = await train({
      ...options(),
      model: whole,
      checkpoints: wholeStore,
      callbacks: [earlyStopping({ patience: 99 })],
    });
    const store = memoryCheckpoints();
    const controller = new AbortController();
    const stopper: Callback = { onStepEnd: ({ step }) => void (step === stopAt && controller.abort()) };
    const part = await train({
      ...options(),
      model: network(),
      checkpoints: store,
      signal: controller.signal,
      callbacks: [stopper, earlyStopping({ patience: 99 })],
    });
    expect(part).toMatchObject({ stopped: 'aborted', steps: stopAt });
    const rest = await train({
      ...options(),
      model: resumed,
      checkpoints: store,
      resume: true,
      callbacks: [earlyStopping({ patience: 99 })],
    });
    expect(await modelFingerprint(resumed)).toBe(await modelFingerprint(whole));
    expect(timeless(rest.logHistory)).toEqual(timeless(uninterrupted.logHistory));
    expect(timeless(rest.history)).toEqual(timeless(uninterrupted.history));
    expect({ best: rest.best, loss: rest.train_loss }).toEqual({
      best: uninterrupted.best,
      loss: uninterrupted.train_loss,
    });
    const [last, lastWhole] = [store.saved.at(-1)!, wholeStore.saved.at(-1)!];
    for (const arrays of ['model', 'optimizer', 'best'] as const) expect(last[arrays]).toEqual(lastWhole[arrays]);
    expect(wholeStore.saved.map(({ state }) => state.global_step)).toEqual([5, 10, 15]);
  });

  it('change nothing about the training', async () => {
    const run = async (more: Partial<TrainOptions>) => {
      const model = network();
      await train({ model, objective, train: digits(320, { jitter: 2 }), epochs: 2, ...more });
      return modelFingerprint(model);
    };
    const validation = testDigits(100);
    const often: Partial<TrainOptions> = { validation, evalStrategy: 'steps', evalSteps: 1, loggingStrategy: 'no' };
    expect(await run({ ...often, saveStrategy: 'steps', saveSteps: 1, checkpoints: memoryCheckpoints() })).toBe(
      await run({}),
    );
  });

  it('end with the best weights from inside an epoch', async () => {
    const model = network({ dropout: 0 });
    const prints = new Map<number, string>();
    const evaluated: number[] = [];
    const { best } = await train({
      model,
      objective,
      train: digits(320),
      validation: testDigits(300),
      selectBest: true,
      evalStrategy: 'steps',
      evalSteps: 3,
      learningRate: 0.05,
      epochs: 3,
      callbacks: [
        {
          async onEvaluate({ eval_loss }, { step }) {
            evaluated.push(eval_loss);
            prints.set(step, await modelFingerprint(model));
          },
        },
      ],
    });
    const index = evaluated.indexOf(Math.min(...evaluated));
    expect(best).toEqual({
      metric: 'eval_loss',
      value: evaluated[index],
      step: 3 * (index + 1),
      epoch: 0.3 * (index + 1),
    });
    expect(await modelFingerprint(model)).toBe(prints.get(best!.step));
  });

  it('never take NaN for the best', async () => {
    const scores = [Number.NaN, 0.5, Number.NaN, 0.4];
    const { best, logHistory } = await train({
      model: network(),
      objective,
      train: digits(320),
      validation: testDigits(100),
      maxSteps: 4,
      evalStrategy: 'steps',
      evalSteps: 1,
      computeMetrics: ({ ids }) => ({ score: ids.length === 100 ? scores.shift()! : 0 }),
      selectBest: { metric: 'eval_score', mode: 'max' },
    });
    expect(best).toMatchObject({ step: 2, value: 0.5 });
    expect(logHistory.flatMap(({ eval_score }) => eval_score ?? [])).toEqual([Number.NaN, 0.5, Number.NaN, 0.4]);
  });

  it('go on for longer when a run that ended inside an epoch is given more steps', async () => {
    const checkpoints = memoryCheckpoints();
    const run = (maxSteps: number, more: Partial<TrainOptions> = {}) =>
      train({ model: network(), objective, train: digits(320), maxSteps, checkpoints, ...more });
    const short = await run(4);
    expect(short).toMatchObject({ steps: 4, epoch: 0.4, stopped: 'finished' });
    const longer = await run(13, { resume: true });
    const straight = await run(13);
    expect(longer.history.at(-1)!.train_loss).toBe(straight.history.at(-1)!.train_loss);
    expect(longer.history.map(({ epoch }) => epoch)).toEqual([0.4, 1, 1.3]);
    expect(straight.history.map(({ epoch }) => epoch)).toEqual([1, 1.3]);
  });
});

describe('what cannot be', () => {
  const run = (options: Partial<TrainOptions>) =>
    train({ model: network(), objective, train: digits(64), epochs: 1, ...options });
  const validation = testDigits(100);

  it.each<[string, Partial<TrainOptions>, string]>([
    ['half a step', { maxSteps: 1.5 }, 'train: maxSteps must be an integer >= 1, or -1 for none, got 1.5'],
    ['no steps', { maxSteps: 0 }, 'train: maxSteps must be an integer >= 1, or -1 for none, got 0'],
    [
      'logging every 1.5 steps',
      { loggingSteps: 1.5 },
      'train: loggingSteps must be an integer >= 1, or a share of all steps in (0, 1), got 1.5',
    ],
    ['a strategy of its own', { saveStrategy: 'often' as never }, 'saveStrategy must be one of no, steps, epoch, best'],
    [
      'evaluating the best',
      { evalStrategy: 'best' as never },
      'evalStrategy must be one of no, steps, epoch, got best',
    ],
    ['a negative delay', { evalDelay: -1 }, 'train: evalDelay must be >= 0, got -1'],
    ['evaluating nothing', { evalStrategy: 'steps' }, "train: evalStrategy 'steps' needs validation data"],
    ['saving the best of nothing', { saveStrategy: 'best' }, "train: saveStrategy 'best' needs selectBest"],
    ['metrics of nothing', { computeMetrics: () => ({ f1: 1 }) }, 'train: computeMetrics needs validation data'],
    ['another way out', { onNotFinite: 'ignore' as never }, "train: onNotFinite must be 'stop' or 'skip', got ignore"],
    [
      'a best metric that is not computed',
      { validation, selectBest: { metric: 'eval_f1' }, computeMetrics: () => ({ precision: 1, recall: 1 }) },
      "train: selectBest wants 'eval_f1', an evaluation has eval_loss, eval_accuracy, eval_precision, eval_recall; take one",
    ],
    [
      'early stopping without evaluations',
      { validation, evalStrategy: 'no', callbacks: [earlyStopping()] },
      "train: the callback 'earlyStopping' wants 'eval_loss', but nothing is evaluated; pass validation",
    ],
    [
      'a plateau of nothing',
      { schedule: plateauSchedule() },
      "train: the schedule 'plateau' wants 'eval_loss', but nothing is evaluated; pass validation",
    ],
    [
      'a metric that is no number',
      { validation, computeMetrics: () => ({ f1: [1, 2] as never }) },
      "evaluate: 'f1' of computeMetrics must be a number, got an array",
    ],
    [
      'a metric with the name of another',
      { validation, computeMetrics: () => ({ loss: 1 }) },
      "evaluate: computeMetrics cannot call a metric 'loss': the log has one",
    ],
  ])('is refused: %s', async (_, options, message) => {
    await expect(run(options)).rejects.toThrow(message);
  });

  it('is refused at the first evaluation where computeMetrics cannot be asked before', async () => {
    const computeMetrics = ({ ids }: EvalPrediction): Record<string, number> => {
      if (ids.length !== 100) throw new Error('who is that?');
      return { precision: 1 };
    };
    const early = { validation, computeMetrics, callbacks: [earlyStopping({ metric: 'eval_f1' })] };
    await expect(run(early)).rejects.toThrow(
      "train: the callback 'earlyStopping' wants 'eval_f1', an evaluation has eval_loss, eval_accuracy, eval_precision",
    );
  });

  it('is refused: no end', async () => {
    await expect(train({ model: network(), objective, train: digits(64) })).rejects.toThrow(
      'train: neither epochs nor maxSteps says how long to train',
    );
  });
});

describe('logs in files', () => {
  it('have what is logged inside of an epoch, once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kd logs '));
    try {
      const path = join(folder, 'metrics.jsonl');
      const { logHistory, history } = await train({
        model: network(),
        objective,
        train: digits(320), // 10 batches
        validation: testDigits(100),
        maxSteps: 14, // ends inside the second epoch
        loggingStrategy: 'steps',
        loggingSteps: 5,
        evalStrategy: 'steps',
        evalSteps: 7,
        callbacks: [metricsJsonl(path)],
      });
      const lines = (await readFile(path, 'utf8')).trim().split('\n');
      const entries = lines.map((line) => JSON.parse(line) as Record<string, number | string>);
      expect(entries.map(({ step, split }) => `${step} ${split}`)).toEqual([
        '5 train',
        '7 validation',
        '10 train',
        '14 validation',
        '14 train',
      ]);
      expect(entries[0]).toMatchObject({ loss: logHistory[0]!.loss, epoch: 0.5 });
      expect(entries[2]).toMatchObject({ train_loss: history[0]!.train_loss, epoch: 1 });
      expect(entries[3]).toMatchObject({ eval_loss: history[1]!.eval_loss, epoch: 1.4 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

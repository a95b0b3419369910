import type { Batch } from '@kd/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import fixture from '../../fixtures/training-arguments.json' with { type: 'json' };
import { ARGUMENT_NAMES } from './check-names.ts';
import { FOREIGN_DEFAULTS, MEANINGLESS, REFUSED } from './foreign-arguments.ts';
import { resolveArguments } from './resolve-arguments.ts';
import type { ResolvedArguments, TrainingArguments } from './training-arguments.ts';

const camel = (name: string): string =>
  name.replace(/^_/, '').replaceAll(/_([a-z\d])/g, (_, letter) => letter.toUpperCase());
const inCamel = (given: object): TrainingArguments =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), value]));
const theirs = Object.fromEntries(Object.entries(fixture.fields).map(([name, value]) => [camel(name), value]));

/** Those that resolve to something where transformers keeps null, or does so elsewhere. */
const RESOLVED = {
  outputDir: 'trainer_output',
  dataSeed: 42,
  loggingDir: 'trainer_output/logs',
  reportTo: ['tensorboard'],
  runName: 'trainer_output',
  lrSchedulerKwargs: {},
};
/** Ours alone: arguments of EarlyStoppingCallback and Trainer. */
const OURS = ['epochs', 'dataCollator', 'earlyStoppingPatience', 'earlyStoppingThreshold'];

describe('resolveArguments and transformers', () => {
  it('has every name, or says what to use instead', () => {
    const known = [...ARGUMENT_NAMES, ...Object.keys(MEANINGLESS), ...Object.keys(REFUSED)].sort();
    expect(new Set(known).size).toBe(known.length);
    expect(known).toEqual([...Object.keys(theirs), ...OURS].sort());
  });

  it('has every default', () => {
    const ours = resolveArguments({});
    for (const name of ARGUMENT_NAMES) {
      if (name === 'hubToken' || OURS.includes(name)) continue;
      const expected = name in RESOLVED ? RESOLVED[name as keyof typeof RESOLVED] : theirs[name];
      expect(ours[name as keyof ResolvedArguments], name).toEqual(expected);
    }
  });

  it('says nothing about arguments without a meaning that have the default of transformers', () => {
    const off = Object.fromEntries(
      [...Object.keys(MEANINGLESS), ...Object.keys(REFUSED)].map((name) => [name, theirs[name]]),
    );
    const warnings: string[] = [];
    resolveArguments(off, { onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual([]);
    for (const [name, value] of Object.entries(FOREIGN_DEFAULTS)) expect(value, name).toEqual(theirs[name]);
  });

  // Ours keeps the best weights of every evaluation, so it asks nothing of saveStrategy and saveSteps.
  const free = (given: object) => 'load_best_model_at_end' in given && !('greater_is_better' in given);
  it.each(fixture.resolved.map((each) => [JSON.stringify(each.given), each] as const))(
    'resolves %s as it does',
    (_, each) => {
      const given = inCamel(each.given);
      const validation = given.evalStrategy !== undefined && given.evalStrategy !== 'no';
      const resolve = () => resolveArguments(given, { validation });
      if ('error' in each && !free(each.given)) return expect(resolve).toThrow(/^resolveArguments: /);
      const expected = inCamel('resolved' in each ? each.resolved! : {});
      expect(resolve()).toMatchObject(expected);
    },
  );
});

describe('resolveArguments', () => {
  it('evaluates each epoch where there is validation data: the one other default', () => {
    expect(resolveArguments({}, { validation: true }).evalStrategy).toBe('epoch');
    expect(resolveArguments({ evalStrategy: 'no' }, { validation: true }).evalStrategy).toBe('no');
  });

  it("ends with the best weights where saveStrategy is 'best'", () => {
    expect(resolveArguments({ saveStrategy: 'best' }, { validation: true })).toMatchObject({
      loadBestModelAtEnd: true,
      metricForBestModel: 'loss',
    });
  });

  it('takes epochs for numTrainEpochs, and not both', () => {
    expect(resolveArguments({ epochs: 7 }).numTrainEpochs).toBe(7);
    expect(resolveArguments({ epochs: 7, numTrainEpochs: 7 }).numTrainEpochs).toBe(7);
    expect(() => resolveArguments({ epochs: 7, numTrainEpochs: 3 })).toThrow(
      'resolveArguments: epochs is 7 and numTrainEpochs 3, which mean the same; leave one of them out',
    );
  });

  it('gives JSON that resolves to itself', () => {
    const strategy = fc.constantFrom('no', 'steps', 'epoch' as const);
    const given: fc.Arbitrary<TrainingArguments> = fc.record(
      {
        epochs: fc.integer({ min: 1, max: 50 }),
        learningRate: fc.constantFrom(1e-4, 5e-5),
        evalStrategy: strategy as fc.Arbitrary<'no' | 'steps' | 'epoch'>,
        evalSteps: fc.constantFrom(0.25, 4, null),
        metricForBestModel: fc.constantFrom('accuracy', 'loss', 'f1'),
        reportTo: fc.constantFrom('none', 'all', ['tensorboard'], null),
        seed: fc.integer({ min: 0, max: 9 }),
        dataSeed: fc.constantFrom(null, 3),
        maxGradNorm: fc.constantFrom(null, 0, 2),
        hubToken: fc.constant('hf_secret'),
        runName: fc.constantFrom(undefined as never, 'mine'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(given, (args) => {
        const resolved = resolveArguments(args, { validation: true });
        const text = JSON.stringify(resolved);
        expect(text).not.toContain('hf_secret');
        expect(resolveArguments(JSON.parse(text), { validation: true })).toEqual(resolved);
      }),
    );
  });

  it('keeps the config of a data collator', () => {
    const dataCollator = { config: { type: 'mixup', alpha: 0.2 }, apply: (batch: Batch) => batch };
    expect(resolveArguments({ dataCollator }).dataCollator).toEqual({ type: 'mixup', alpha: 0.2 });
  });

  it.each([
    [{ fp16: true }, /fp16 has no meaning here.*onnxEngine/],
    [{ gradientCheckpointing: true }, /gradientAccumulationSteps/],
    [{ deepspeed: 'zero3.json' }, /one process/],
    [{ reportTo: ['wandb', 'tensorboard'] }, /'wandb'.*onLog/],
  ])('answers %j once with what to use instead', (given, words) => {
    const warnings: string[] = [];
    resolveArguments(given as TrainingArguments, { onWarning: (message) => warnings.push(message) });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(words);
  });

  it.each<[object, RegExp]>([
    [{ learning_rate: 1 }, /^resolveArguments: there is no argument 'learning_rate': did you mean learningRate\?$/],
    [{ perDeviceBatchSize: 8 }, /did you mean .*perDeviceTrainBatchSize/],
    [{ lerningRate: 1 }, /did you mean learningRate/],
    [{ xyzzy: 1 }, /there is no argument 'xyzzy': see TrainingArguments/],
    [{ perGpuTrainBatchSize: 8 }, /perGpuTrainBatchSize is not supported: use perDeviceTrainBatchSize/],
    [{ optimArgs: 'momentum=0.9' }, /sgd\(\{ momentum: 0.9 \}\)/],
    [{ epochs: 0 }, /numTrainEpochs must be > 0, got 0/],
    [{ learningRate: Number.NaN }, /learningRate must be > 0, got/],
    [{ maxSteps: 0 }, /maxSteps must be an integer >= 1, or -1 for none, got 0/],
    [{ perDeviceTrainBatchSize: 1.5 }, /must be an integer >= 1, got 1.5/],
    [{ lrSchedulerType: 'cosin' }, /lrSchedulerType must be one of linear, cosine.* got 'cosin'/],
    [{ reportTo: 'tensorbord' }, /reportTo must be of tensorboard, all, none, got 'tensorbord'/],
    [{ loadBestModelAtEnd: true }, /loadBestModelAtEnd needs evaluations; pass validation/],
    [{ saveStrategy: 'best', loadBestModelAtEnd: false }, /saveStrategy 'best' ends with the best weights/],
    [{ earlyStoppingPatience: 2 }, /earlyStoppingPatience needs evaluations/],
    [{ evalStrategy: 'epoch' }, /evalStrategy is 'epoch', but there is no validation data/],
    [{ outputDir: '' }, /outputDir must be a folder, got ''/],
  ])('refuses %j', (given, words) => {
    expect(() => resolveArguments(given as TrainingArguments)).toThrow(words);
  });
});

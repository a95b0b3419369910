import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { selectBackend } from '@kd/backend/node';
import { mobileNetV2, vit } from '@kd/models';
import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.ts';
import { parseOptions } from './options.ts';
import { runRecipe } from './recipe.ts';
import { formatResults } from './report.ts';
import { takeTurn, type WatchedTurn } from './take-turn.ts';

const beans = fileURLToPath(new URL('../../../../shared/data/beans', import.meta.url));
const isThere = existsSync(beans);

/** 94 images, an eleventh of the training data, and 19 of 133 to evaluate. */
const turn = (others: number, step: number): WatchedTurn => ({
  start: 3,
  labelled: { images: 94, seconds: 10 },
  epochs: [
    {
      train: { images: 94, seconds: 900 },
      data: 1,
      teacher: 10,
      step: 889,
      evaluation: { images: 19, seconds: 99 },
      save: 9,
    },
    {
      train: { images: 94, seconds: step + 1 },
      data: 1,
      teacher: 0,
      step,
      evaluation: { images: 19, seconds: 2 },
      save: 0.5,
    },
  ],
  rest: 4,
  cpu: 1,
  megabytes: 700,
  others,
});

describe('the whole recipe, from a part of it', () => {
  it('scales every phase to the images that it has, and leaves the first epoch out', () => {
    const { once, epoch, perEpoch, total } = estimate('kd', [turn(0, 2)]);
    expect(once).toEqual({ start: 3, prepared: 0, labelled: 110, rest: 4 });
    expect(epoch).toEqual({ teacher: 0, data: 11, step: 22, evaluation: 14, save: 0.5 });
    expect(perEpoch).toBe(47.5);
    expect(total).toBe(117 + 30 * 47.5);
  });

  it('takes the median of the quiet turns', () => {
    const { epoch, discarded, turns, others } = estimate('kd', [turn(0.1, 2), turn(1.5, 7), turn(0, 4), turn(0, 3)]);
    expect({ step: epoch.step, discarded, turns, others }).toEqual({ step: 33, discarded: 1, turns: 3, others: 0.1 });
    expect(estimate('kd', [turn(1.5, 7)])).toMatchObject({ turns: 1, discarded: 0, others: 1.5 });
  });

  it('is shortest where every part is', () => {
    const { perEpoch } = estimate('kd', [turn(0.1, 2), turn(0, 4)], (values) => Math.min(...values));
    expect(perEpoch).toBe(47.5);
  });

  it('stands in a table beside others', () => {
    const text = formatResults({ kd: [turn(0, 2)], guide: [turn(0, 20)] });
    expect(text).toMatch(/^seconds +guide +kd$/m);
    expect(text).toMatch(/^ {2}student step +220\.0 +22\.0$/m);
    expect(text).toMatch(/^30 epochs +2 h 3 min +25\.7 min$/m);
    expect(text).toMatch(/^ {2}x kd +4\.78 +1\.00$/m);
    expect(text).toContain('kd: distill() with onnxEngine()');
  });
});

describe('flags', () => {
  it('are read', () => {
    expect(parseOptions(['--help'])).toBeUndefined();
    expect(() => parseOptions(['--beans', '/no/such/folder'])).toThrow("train/ in it, got '/no/such/folder'");
    expect(() => parseOptions(['--only', 'torch'])).toThrow(
      "--only must be one of guide, cached, best, kd, kd worker, kd prepared, got 'torch'",
    );
  });

  it.skipIf(!isThere)('of a part of the data', () => {
    const given = ['--', '--beans', beans, '--only', 'kd', '--only', 'guide', '--rounds', '0'];
    expect(parseOptions(given)).toMatchObject({ only: ['guide', 'kd'], rounds: 0, steps: 12, validation: 40 });
    expect(() => parseOptions(['--beans', beans, '--steps', '130'])).toThrow("integer in [1, 129], got '130'");
  });
});

it('says why Python does not run', async () => {
  process.env.KD_PYTHON = '/no/such/python';
  await expect(takeTurn('guide', { beans: tmpdir(), steps: 1, validation: 1, epochs: 1, threads: 1 })).rejects.toThrow(
    '/no/such/python',
  );
});

it.skipIf(!isThere)(
  `times each phase of a real run${isThere ? '' : ' (skipped: no ../shared/data/beans)'}`,
  async () => {
    await selectBackend({ backend: 'wasm' });
    const start = performance.now();
    const { epochs, labelled, rest } = await runRecipe({
      beans,
      steps: 2,
      validation: 10,
      epochs: 2,
      threads: 2,
      workers: 0,
      prepared: false,
      imageSize: 32,
      networks: (classNames) => ({
        teacher: vit({
          classNames,
          imageSize: 32,
          hiddenSize: 32,
          numAttentionHeads: 2,
          numHiddenLayers: 2,
          intermediateSize: 64,
        }),
        student: mobileNetV2({ classNames, depthMultiplier: 0.35 }),
      }),
    });
    const wall = (performance.now() - start) / 1000;
    expect(epochs).toHaveLength(2);
    for (const { train, data, teacher, step, evaluation, save } of epochs) {
      expect(data + teacher + step).toBeCloseTo(train.seconds, 6);
      for (const seconds of [data, step, evaluation.seconds, save]) expect(seconds).toBeGreaterThan(0);
      expect({ train: train.images, evaluation: evaluation.images }).toEqual({ train: 16, evaluation: 10 });
    }
    expect(epochs[0]!.teacher).toBeGreaterThan(0);
    expect(epochs[1]!.teacher).toBe(0); // its answers are kept
    expect(labelled).toEqual({ images: 16, seconds: epochs[0]!.teacher });
    // Nothing is counted twice, and next to nothing is left out.
    const counted =
      rest + epochs.reduce((sum, { train, evaluation, save }) => sum + train.seconds + evaluation.seconds + save, 0);
    expect(counted).toBeLessThan(wall);
    expect(counted).toBeGreaterThan(0.5 * wall);
  },
);

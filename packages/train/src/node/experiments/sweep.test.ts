import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holm, mcnemar } from '@kd/metrics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArmResult } from '../../experiments/arm.ts';
import { run as digitRun } from '../../testing/digit-sweep.ts';
import { readCell } from './cell-folder.ts';
import { sweep } from './sweep.ts';

let outputDir: string;
beforeEach(async () => {
  outputDir = await mkdtemp(join(tmpdir(), 'kd sweep '));
});
afterEach(() => rm(outputDir, { recursive: true }));

const text = (name: string) => readFile(join(outputDir, name), 'utf8');

describe('sweep over real students', () => {
  it('gives the best and what cannot be told from it, here and in processes', async () => {
    const grid = { temperature: [1, 8], learningRate: [0.0001, 0.02] };
    const options = { outputDir, seeds: [3], settings: { images: 640 } };
    const result = await sweep(grid, new URL('../../testing/digit-sweep.ts', import.meta.url), options);
    expect(result.points.map(({ point }) => point)).toEqual([
      { temperature: 1, learningRate: 0.0001 },
      { temperature: 1, learningRate: 0.02 },
      { temperature: 8, learningRate: 0.0001 },
      { temperature: 8, learningRate: 0.02 },
    ]);
    const cells = await Promise.all(
      result.points.map(async ({ point: { temperature, learningRate } }) => {
        const arm = `temperature=${temperature}, learningRate=${learningRate}`;
        return (await readCell(join(outputDir, arm, 'seed-3')))!;
      }),
    );
    const accuracies = cells.map(({ hits }) => hits!.reduce((sum, hit) => sum + hit, 0) / 500);
    const best = accuracies.indexOf(Math.max(...accuracies));
    expect(result.best).toBe(result.points[best]);
    expect(result.best.point).toMatchObject({ learningRate: 0.02 }); // the other learns next to nothing
    const others = [0, 1, 2, 3].filter((i) => i !== best);
    const adjusted = holm(others.map((i) => mcnemar(cells[i]!.hits!, cells[best]!.hits!).pValue));
    others.forEach((i, place) => {
      const point = result.points[i]!;
      expect(point.test!.adjustedPValue).toBe(adjusted[place]);
      expect(point.isTied).toBe(adjusted[place]! >= 0.05);
    });
    expect(result.points[0]!.isTied).toBe(false);

    // The same, in this process: nothing is run again, and a run here gives the bits of one there.
    const never = async (): Promise<ArmResult> => {
      throw new Error('run again');
    };
    expect(await sweep(grid, never, options)).toEqual(result);
    const [signal, settings] = [new AbortController().signal, { temperature: 8, learningRate: 0.02, images: 640 }];
    const { predictions } = await digitRun({ settings, seed: 3, outputDir, signal });
    const here = predictions!.labels!.filter((label, i) => {
      const row = predictions!.logits.subarray(10 * i, 10 * i + 10);
      return row.indexOf(Math.max(...row)) === label;
    }).length;
    expect(here / 500).toBe(accuracies[3]);
    expect(await text('sweep.html')).toContain(`${(100 * accuracies[best]!).toFixed(2)}%`);
  }, 300_000);
});

describe('sweep', () => {
  const grid = { temperature: [1, 2, 4], softWeight: [0.1, 0.9], connector: ['none', '<b>'] } as const;
  const value = ({ temperature, softWeight }: { temperature: number; softWeight: number }, seed: number) =>
    0.8 - 0.05 * Math.abs(temperature - 2) + 0.01 * softWeight + 0.002 * [0, 1, 3][seed]!;

  it('writes tables and a map for each value of a third option', async () => {
    const { connector: _, ...two } = grid;
    const seen: string[] = [];
    const result = await sweep(
      { ...two, epochs: [3, 5] },
      async ({ settings, seed }) => {
        seen.push(`${settings.temperature} ${settings.softWeight} ${settings.epochs} ${seed}`);
        if (settings.temperature === 4) throw new Error('diverged');
        return { metrics: { eval_accuracy: value(settings, seed) + 1e-4 * settings.epochs * seed } };
      },
      { outputDir, seeds: [0, 1, 2] },
    );
    expect(new Set(seen).size).toBe(36);
    expect(result.best.point).toEqual({ temperature: 2, softWeight: 0.9, epochs: 5 });
    expect(result.failures).toHaveLength(12);
    expect(result.points[8]).toMatchObject({ seeds: [], mean: Number.NaN, isBest: false, isTied: false });
    expect(result.sentence).toMatch(/^Best is temperature=2, softWeight=0\.9, epochs=5: eval_accuracy 81\.\d\d% \[/);
    const html = await text('sweep.html');
    expect(html.match(/<svg class="chart heat-map narrow"/g)).toHaveLength(2);
    expect(html).toContain('<figcaption class="command-title">epochs=3</figcaption>');
    expect(html.match(/>failed<\/text>/g)).toHaveLength(4);
    expect(html).toContain('temperature=4, softWeight=0.9, epochs=5, seed 2: diverged');
    const rows = (await text('sweep.csv')).trim().split('\n');
    expect(rows[0]).toMatch(/^temperature,softWeight,epochs,runs,mean,/);
    expect(rows).toHaveLength(13);
    expect(await text('sweep.md')).toContain('The best was chosen by these figures');
    expect(JSON.parse(await text('sweep.json')).best.point).toEqual(result.best.point);
  });

  it('takes one option, and says that one run each proves nothing', async () => {
    const result = await sweep(
      { temperature: [1, 2] },
      async ({ settings: { temperature } }) => ({ metrics: { loss: temperature } }),
      { outputDir, metric: 'loss' },
    );
    expect(result.best.point).toEqual({ temperature: 1 });
    expect(result.points[1]!.isTied).toBe(true);
    expect(result.sentence).toBe(
      'Best is temperature=1: loss 1 with one run. Whether others are worse cannot be said; run more seeds, or return predictions.',
    );
  });

  it('knows its own settings again', async () => {
    let runs = 0;
    const go = (settings: Record<string, unknown>, temperature = [1]) =>
      sweep({ temperature }, async () => ({ metrics: { eval_accuracy: 0.5 + 0.01 * runs++ } }), {
        outputDir,
        settings,
      });
    await go({ epochs: 3 });
    await go({ epochs: 3 }, [1, 2]); // one more value
    expect(runs).toBe(2);
    await expect(go({ epochs: 4 })).rejects.toThrow(/^sweep: '.*' was run with other settings: epochs was 3, is 4;/);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no options', {}, /^sweep: the grid names no option/],
    ['no values', { temperature: [] }, /^sweep: temperature must have one or more different values/],
    ['a value twice', { temperature: [1, 1] }, /got \[1, 1\]$/],
    ['NaN', { temperature: [Number.NaN] }, /finite where they are numbers, got \[NaN\]$/],
    [
      'a value that is no folder',
      grid,
      /^sweep: 'temperature=1, softWeight=0.1, connector=<b>' cannot name a combination/,
    ],
  ])('refuses %s', async (_, wrong, message) => {
    await expect(sweep(wrong as { a: number[] }, async () => ({}), { outputDir })).rejects.toThrow(message);
  });
});

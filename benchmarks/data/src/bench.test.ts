import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodedDataset, subset } from '@kd/data';
import { loadMnist } from '@kd/data/node';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createCases, WORKERS } from './cases.ts';
import { elsewhere, imagesPerSecond, onThisThread, waits } from './measure.ts';
import { parseOptions } from './options.ts';
import { type Row, ratioOf, speedTable } from './report.ts';

const cacheDir = mkdtempSync(join(tmpdir(), 'kd-bench-data-'));
afterAll(() => rmSync(cacheDir, { recursive: true }));

describe('the data benchmark', () => {
  it('times every case, and the waiting between its batches', async () => {
    const background = { r: 40, g: 120, b: 60 };
    const jpeg = await sharp({ create: { width: 256, height: 256, channels: 3, background } })
      .jpeg()
      .toBuffer();
    const beans = encodedDataset({ ids: [...'abcdefghij'], read: async () => Uint8Array.from(jpeg) });
    const digits = subset((await loadMnist()).train, [0, 1, 2, 3]);
    const cases = await createCases(beans, digits, { images: 6, cacheDir });
    const ofBeans = 2 * (WORKERS.length + 1); // outputs, cold and from the cache
    for (const [task, count] of [
      ['mnist', 2],
      ['mobilenet', ofBeans],
      ['vit', ofBeans],
    ] as const) {
      expect(cases.filter((one) => one.task === task)).toHaveLength(count);
    }
    for (const { loader, task } of cases) {
      expect(loader.sampleCount).toBe(task === 'mnist' ? 4 : 6);
      expect(await imagesPerSecond(loader, 0)).toBeGreaterThan(0);
    }
    for (const step of [elsewhere, onThisThread]) expect(await waits(cases[0]!.loader, step, 1)).toEqual([]); // one batch
  });

  it('compares with the faster of Python’s ways, round by round', () => {
    const row = (name: string, rates: number[]): Row => ({ name, task: 'vit', batchSize: 10, rates });
    const rows = [row('ours', [30, 100]), row('Python, 0 workers', [10, 10]), row('Python, 2 workers', [5, 20])];
    expect(ratioOf(rows)(rows[0]!)).toBe(4); // 3 and 5
    expect(ratioOf(rows.slice(0, 1))(rows[0]!)).toBeUndefined();
    expect(speedTable(rows).split('\n')[2]!.split(/\s+/)).toEqual(['ours', '65', '100', '6.5', '4.00']);
  });

  it('refuses numbers that are none', () => {
    expect(() => parseOptions(['--images', '0'])).toThrow("--images must be a positive integer, got '0'");
    expect(parseOptions(['--help'])).toBeUndefined();
  });
});

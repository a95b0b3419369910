import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CASES } from './cases.ts';
import { measureLoop, VARIANTS } from './measure.ts';
import { parseOptions } from './options.ts';

describe.each(VARIANTS)('the loop, %s', (variant) => {
  it('costs less than the 1 ms a step that a busy machine doubles', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kd bench train '));
    try {
      const rounds: number[] = [];
      // The best of some: what else runs here only ever adds to it.
      for (let round = 0; round < 3; round++) {
        rounds.push(await measureLoop(CASES.mnist, variant, 200, join(folder, String(round))));
      }
      expect(Math.min(...rounds)).toBeGreaterThan(0);
      expect(Math.min(...rounds)).toBeLessThan(2);
      if (variant === 'alone') return;
      expect((await readdir(join(folder, '0'))).sort()).toEqual(['logs', 'metrics.csv', 'metrics.jsonl']);
      const lines = (await readFile(join(folder, '0', 'metrics.jsonl'), 'utf8')).trim().split('\n');
      expect(JSON.parse(lines.at(-1)!)).toMatchObject({ epoch: 3, step: 300 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

it('reads its flags', () => {
  expect(parseOptions(['--help'])).toBeUndefined();
  expect(parseOptions(['--', '--rounds', '2'])).toEqual({ rounds: 2, steps: 2000, json: false });
  expect(() => parseOptions(['--steps', '0'])).toThrow("--steps must be a positive integer, got '0'");
});

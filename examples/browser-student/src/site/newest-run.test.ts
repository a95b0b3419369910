import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newestRun } from './newest-run.ts';

it('finds the run that ended last, and none where there is none', async () => {
  const home = await mkdtemp(join(tmpdir(), 'kd runs '));
  expect(await newestRun(home)).toBeUndefined();
  for (const [name, minute] of [
    ['quick', 2],
    ['quick-2', 3],
    ['paper', 1],
  ] as const) {
    const folder = join(home, 'runs', 'mnist-mlp', name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'results.json'), '{}');
    await utimes(join(folder, 'results.json'), minute * 60, minute * 60);
  }
  await mkdir(join(home, 'runs', 'mnist-mlp', 'under way'));
  expect(await newestRun(home)).toBe(join(home, 'runs', 'mnist-mlp', 'quick-2'));
  await rm(home, { recursive: true });
});

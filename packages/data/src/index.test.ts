import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import * as api from './index.ts';
import * as node from './node/index.ts';

it('exports what the README lists', () => {
  expect(Object.keys(api).sort()).toEqual([
    'CIFAR10_CLASSES',
    'FASHION_MNIST_CLASSES',
    'MNIST_NORMALIZATION',
    'applyAugmentation',
    'arrayDataset',
    'augmentation',
    'concatDatasets',
    'createProcessor',
    'cutMix',
    'dataLoader',
    'decodeImageInBrowser',
    'encodedDataset',
    'filterClasses',
    'imageHeader',
    'mapLabels',
    'meanAndStd',
    'mixup',
    'omitClasses',
    'parseCifar',
    'parseIdx',
    'processImages',
    'processorForSize',
    'randomChoice',
    'randomSplit',
    'resizeImage',
    'stratifiedSplit',
    'streamSamples',
    'subset',
    'trainValidationTest',
  ]);
  expect(Object.keys(node).sort()).toEqual([
    'arrowDataset',
    'augmentationSheet',
    'contactSheet',
    'dataLoader',
    'decodeImage',
    'describe',
    'folderDataset',
    'loadCifar',
    'loadDataset',
    'loadIdx',
    'loadMnist',
    'loadProcessor',
    'parquetDataset',
    'processedDataset',
    'readImage',
  ]);
});

it('imports nothing of Node outside ./node', async () => {
  const folder = new URL('.', import.meta.url);
  const sources = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  expect(sources.length).toBeGreaterThan(10);
  for (const name of sources) {
    expect(await readFile(new URL(name, folder), 'utf8'), name).not.toMatch(/from '(node:|\.\/node)|\bBuffer\./);
  }
});

import { expect, it } from 'vitest';
import * as api from './index.ts';

it('exports what the README lists', () => {
  expect(Object.keys(api).sort()).toEqual([
    'crossEntropy',
    'distillationLoss',
    'distillationPresets',
    'distillationTerms',
    'klDivergenceLoss',
  ]);
});

import { expect, it } from 'vitest';
import * as metrics from './index.ts';

it('exports these names', () => {
  expect(Object.keys(metrics).sort()).toEqual([
    'accuracy',
    'confusionMatrix',
    'f1Score',
    'mcnemar',
    'meanAndInterval',
    'precision',
    'predictions',
    'recall',
    'topKAccuracy',
  ]);
});

import { expect, it } from 'vitest';
import * as metrics from './index.ts';

it('exports these names', () => {
  expect(Object.keys(metrics).sort()).toEqual([
    'AgreementAccumulator',
    'ClassificationAccumulator',
    'accuracy',
    'agreement',
    'bootstrapInterval',
    'brierScore',
    'calibrationBins',
    'computeMetrics',
    'confusionMatrix',
    'expectedCalibrationError',
    'f1Score',
    'fitTemperature',
    'klDivergence',
    'mcnemar',
    'meanAndInterval',
    'negativeLogLikelihood',
    'pairedBootstrap',
    'precision',
    'predictions',
    'recall',
    'topKAccuracy',
    'wilsonInterval',
  ]);
});

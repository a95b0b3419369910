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
    'crossedTTest',
    'detectableDifference',
    'expectedCalibrationError',
    'f1Score',
    'fitTemperature',
    'holm',
    'klDivergence',
    'mcnemar',
    'meanAndInterval',
    'negativeLogLikelihood',
    'pairedBootstrap',
    'pairedTTest',
    'precision',
    'predictions',
    'recall',
    'topKAccuracy',
    'wilsonInterval',
  ]);
});

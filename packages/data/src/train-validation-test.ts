import { KdError } from '@kd/core';
import type { AnyDataset } from './dataset-kinds.ts';
import { stratifiedSplit } from './stratified-split.ts';

/** The three splits of an experiment. */
export interface TrainValidationTest<Dataset extends AnyDataset> {
  train: Dataset;
  validation: Dataset;
  test: Dataset;
  /** Those that the data set did not have and that were held out of `train`. */
  heldOut: ('validation' | 'test')[];
}

export interface TrainValidationTestOptions {
  /** Share of each class of the training images that goes into a split that is missing, in (0, 0.5). @default 0.15 */
  share?: number;
  /** Of the choice: integer in [0, 2^53). @default 0 */
  seed?: number;
}

/**
 * The splits of a data set, with what is missing held out of `train`, the same share of each class: a folder of photographs
 * rarely has a validation split, and a data set of the Hub often no test split.
 *
 * @param splits as `loadDataset(…).splits`
 * @throws {KdError} NOT_FOUND if there is no split `train`; INVALID_ARGUMENT for a share out of range
 *
 * @example
 * import { arrayDataset, trainValidationTest } from '@kd/data';
 * const images = { data: new Uint8Array(40), shape: [40, 1, 1] };
 * const labels = Array.from({ length: 40 }, (_, i) => i % 2);
 * const all = arrayDataset({ images, labels, classNames: ['cat', 'dog'] });
 * const { train, validation, test, heldOut } = trainValidationTest({ train: all });
 * console.log(train.length, validation.length, test.length, heldOut); // 28 6 6 [ 'validation', 'test' ]
 */
export function trainValidationTest<Dataset extends AnyDataset>(
  splits: Readonly<Record<string, Dataset>>,
  { share = 0.15, seed = 0 }: TrainValidationTestOptions = {},
): TrainValidationTest<Dataset> {
  if (!(share > 0 && share < 0.5)) {
    throw new KdError('INVALID_ARGUMENT', `trainValidationTest: share must be in (0, 0.5), got ${share}`, { share });
  }
  const all = splits.train;
  if (!all) {
    const names = Object.keys(splits).join(', ') || 'no split';
    throw new KdError('NOT_FOUND', `trainValidationTest: needs a split 'train', got ${names}`, { names });
  }
  const holdOut = Math.round(all.length * share);
  let train: Dataset = all;
  const heldOut: ('validation' | 'test')[] = [];
  const take = (name: 'validation' | 'test'): Dataset => {
    const own = splits[name];
    if (own) return own;
    const parts = stratifiedSplit(train, { holdOut, seed: seed + heldOut.length });
    heldOut.push(name);
    train = parts.train as Dataset;
    return parts.validation as Dataset;
  };
  const validation = take('validation');
  const test = take('test');
  return { train, validation, test, heldOut };
}

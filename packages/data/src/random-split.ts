import { KdError, permutation } from '@kd/core';
import { checkSeed } from './checks.ts';
import type { AnyDataset, SameKind } from './dataset-kinds.ts';
import { subset } from './subset.ts';

export interface RandomSplitOptions {
  /** Samples that go to `validation`, in [1, dataset.length). */
  holdOut: number;
  /** Integer in [0, 2^53). Equal seeds give equal splits. @default 0 */
  seed?: number;
}

/** Refuses a split that leaves one side empty. */
export function checkHoldOut(where: string, holdOut: number, length: number): void {
  if (!Number.isInteger(holdOut) || holdOut < 1 || holdOut >= length) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `${where}: holdOut must be an integer in [1, ${length}) to leave samples on both sides, got ${holdOut}`,
      { holdOut, length },
    );
  }
}

/**
 * Splits a dataset into two at random, so that every sample is in exactly one of them.
 *
 * Each sample has the same chance, so the counts of the classes differ a little between the two; `stratifiedSplit` keeps
 * their shares.
 * Both keep the order that the samples have in the dataset.
 *
 * @throws {KdError} INVALID_ARGUMENT if one of the two would be empty, or the seed is out of range
 *
 * @example
 * import { arrayDataset, randomSplit } from '@kd/data';
 * const dataset = arrayDataset({ images: { data: new Uint8Array(100), shape: [100, 1, 1] } });
 * const { train, validation } = randomSplit(dataset, { holdOut: 20, seed: 42 });
 * console.log(train.length, validation.length); // 80 20
 */
export function randomSplit<Dataset extends AnyDataset>(
  dataset: Dataset,
  { holdOut, seed = 0 }: RandomSplitOptions,
): { train: SameKind<Dataset>; validation: SameKind<Dataset> } {
  const { length } = dataset;
  checkHoldOut('randomSplit', holdOut, length);
  checkSeed('randomSplit', seed);
  const order = permutation(length, { seed, stream: 'split' });
  return {
    train: subset(dataset, order.slice(holdOut).sort()),
    validation: subset(dataset, order.slice(0, holdOut).sort()),
  };
}

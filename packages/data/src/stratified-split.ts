import { KdError, permutation } from '@kd/core';
import { checkSeed } from './checks.ts';
import { type AnyDataset, infoReader, type SameKind } from './dataset-kinds.ts';
import { checkHoldOut, type RandomSplitOptions } from './random-split.ts';
import { subset } from './subset.ts';

/** How many samples of each class are held out: their shares of `holdOut`, rounded so that the sum is exact. */
function quotas(counts: readonly number[], holdOut: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => (count * holdOut) / total);
  const quota = exact.map(Math.floor);
  const left = holdOut - quota.reduce((sum, count) => sum + count, 0);
  // The largest remainders get one more; of equal ones, the lower label.
  const byRemainder = exact
    .map((share, label) => ({ label, remainder: share - quota[label]! }))
    .sort((a, b) => b.remainder - a.remainder || a.label - b.label);
  for (const { label } of byRemainder.slice(0, left)) quota[label]! += 1;
  return quota;
}

/**
 * Splits a dataset into two at random so that each class has the same share of both, to within one sample.
 *
 * Of a class with `n` of `N` samples, `holdOut * n / N` go to `validation`, rounded by largest remainder so that
 * `validation` has exactly `holdOut`. Both keep the order that the samples have in the dataset.
 *
 * @param dataset of either kind, every sample labelled
 * @throws {KdError} INVALID_ARGUMENT if one of the two would be empty, a sample has no label, or the seed is out of range
 *
 * @example
 * import { arrayDataset, stratifiedSplit } from '@kd/data';
 * const labels = Uint8Array.from({ length: 100 }, (_, i) => (i < 90 ? 0 : 1));
 * const dataset = arrayDataset({ images: { data: new Uint8Array(100), shape: [100, 1, 1] }, labels });
 * const { validation } = stratifiedSplit(dataset, { holdOut: 20, seed: 42 });
 * const held = Array.from({ length: 20 }, (_, i) => validation.get(i).label);
 * console.log(held.filter((label) => label === 1).length); // 2
 */
export function stratifiedSplit<Dataset extends AnyDataset>(
  dataset: Dataset,
  { holdOut, seed = 0 }: RandomSplitOptions,
): { train: SameKind<Dataset>; validation: SameKind<Dataset> } {
  const { length, classNames } = dataset;
  checkHoldOut('stratifiedSplit', holdOut, length);
  checkSeed('stratifiedSplit', seed);
  const info = infoReader(dataset);
  const members: number[][] = classNames.map(() => []);
  for (let index = 0; index < length; index++) {
    const { label } = info(index);
    if (label === undefined || !members[label]) {
      throw new KdError(
        'INVALID_ARGUMENT',
        `stratifiedSplit: sample ${index} has ${label === undefined ? 'no label' : `label ${label}, without a class name`}; ` +
          'randomSplit needs none',
        { index, label },
      );
    }
    members[label].push(index);
  }
  const held = new Uint8Array(length);
  const quota = quotas(
    members.map((indices) => indices.length),
    holdOut,
  );
  members.forEach((indices, label) => {
    const order = permutation(indices.length, { seed, stream: 'stratified split', id: label });
    for (const position of order.subarray(0, quota[label])) held[indices[position]!] = 1;
  });
  const side = (which: number): number[] => Array.from(held.keys()).filter((index) => held[index] === which);
  return { train: subset(dataset, side(0)), validation: subset(dataset, side(1)) };
}

import { KdError } from '@kd/core';
import { checkInteger } from './checks.ts';
import { type AnyDataset, infoReader, type SameKind } from './dataset-kinds.ts';
import { subset } from './subset.ts';

function select<Dataset extends AnyDataset>(
  where: string,
  dataset: Dataset,
  classes: readonly number[],
  keep: boolean,
): SameKind<Dataset> {
  for (const label of classes) checkInteger(where, 'class', label, 0, dataset.classNames.length);
  const wanted = new Set(classes);
  const info = infoReader(dataset);
  const indices: number[] = [];
  for (let index = 0; index < dataset.length; index++) {
    const { label } = info(index);
    if (label === undefined) {
      throw new KdError('INVALID_ARGUMENT', `${where}: sample ${index} has no label to choose it by`, { index });
    }
    if (wanted.has(label) === keep) indices.push(index);
  }
  if (indices.length === 0) {
    throw new KdError('INVALID_ARGUMENT', `${where}: classes [${classes}] leave none of ${dataset.length} samples`, {
      classes,
    });
  }
  return subset(dataset, indices);
}

/**
 * The samples of some classes, found by reading every label once. Class names and label numbers stay, so a model for the whole dataset still fits.
 *
 * @param classes label numbers, each in [0, classes)
 * @throws {KdError} INVALID_ARGUMENT if a class does not exist, a sample has no label, or no sample is left
 *
 * @example
 * import { arrayDataset, filterClasses } from '@kd/data';
 * const images = { data: Uint8Array.of(10, 20, 30), shape: [3, 1, 1] };
 * const dataset = arrayDataset({ images, labels: [0, 1, 2] });
 * console.log(filterClasses(dataset, [1]).get(0).id); // 1
 */
export function filterClasses<Dataset extends AnyDataset>(
  dataset: Dataset,
  classes: readonly number[],
): SameKind<Dataset> {
  return select('filterClasses', dataset, classes, true);
}

/**
 * The samples of all classes but some: MNIST without its threes is a transfer set of Hinton et al. 2015.
 * Class names and label numbers stay.
 *
 * @param classes label numbers, each in [0, classes)
 * @throws {KdError} INVALID_ARGUMENT if a class does not exist, a sample has no label, or no sample is left
 *
 * Reference: Hinton et al. 2015, "Distilling the Knowledge in a Neural Network", section 3.
 *
 * @example
 * import { arrayDataset, omitClasses } from '@kd/data';
 * const images = { data: Uint8Array.of(10, 20, 30), shape: [3, 1, 1] };
 * const dataset = arrayDataset({ images, labels: [0, 1, 2] });
 * console.log(omitClasses(dataset, [1]).length); // 2
 */
export function omitClasses<Dataset extends AnyDataset>(
  dataset: Dataset,
  classes: readonly number[],
): SameKind<Dataset> {
  return select('omitClasses', dataset, classes, false);
}

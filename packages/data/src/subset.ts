import { fingerprint, type ImageDataset, KdError } from '@kd/core';
import { checkInteger } from './checks.ts';
import { locator, withShortcut } from './locate.ts';
import { once } from './once.ts';

/**
 * Some samples of a dataset, in the order given. Ids, labels and class names stay what they were.
 *
 * @param indices into the dataset, each in [0, dataset.length); one that stands twice gives its sample twice
 * @returns a view: no pixels are copied
 * @throws {KdError} INVALID_ARGUMENT if there are no indices or one is out of range
 *
 * @example
 * import { arrayDataset, subset } from '@kd/data';
 * const dataset = arrayDataset({ images: { data: Uint8Array.of(10, 20, 30), shape: [3, 1, 1] } });
 * console.log(subset(dataset, [2, 0]).get(0).id); // 2
 */
export function subset(dataset: ImageDataset, indices: ArrayLike<number>): ImageDataset {
  const { length, imageShape, classNames } = dataset;
  if (indices.length === 0) {
    throw new KdError('INVALID_ARGUMENT', 'subset: no indices given, a dataset holds at least one sample');
  }
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (!Number.isInteger(index) || index < 0 || index >= length) {
      throw new KdError('INVALID_ARGUMENT', `subset: index ${index} at position ${i} is not in [0, ${length})`, {
        index,
        position: i,
        length,
      });
    }
  }
  const chosen = Uint32Array.from(indices);
  const view: ImageDataset = {
    length: chosen.length,
    imageShape,
    classNames,
    fingerprint: once(async () =>
      fingerprint([
        { name: 'dataset', shape: [], data: new TextEncoder().encode(await dataset.fingerprint()) },
        { name: 'indices', shape: [chosen.length], data: chosen },
      ]),
    ),
    get: (index) => {
      checkInteger('dataset.get', 'index', index, 0, chosen.length);
      return dataset.get(chosen[index]!);
    },
  };
  const locate = locator(dataset);
  return withShortcut(view, (index) => locate(chosen[index]!));
}

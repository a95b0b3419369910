import { fingerprint, KdError } from '@kd/core';
import type { AnyDataset, SameKind } from './dataset-kinds.ts';
import { once } from './once.ts';
import { textPart, view } from './view.ts';

/**
 * Some samples of a dataset, in the order given. Ids, labels and class names stay what they were.
 *
 * @param dataset of either kind, pixels or encoded images
 * @param indices into the dataset, each in [0, dataset.length); one that stands twice gives its sample twice
 * @returns a view of the same kind: no image is read or copied
 * @throws {KdError} INVALID_ARGUMENT if there are no indices or one is out of range
 *
 * @example
 * import { arrayDataset, subset } from '@kd/data';
 * const dataset = arrayDataset({ images: { data: Uint8Array.of(10, 20, 30), shape: [3, 1, 1] } });
 * console.log(subset(dataset, [2, 0]).get(0).id); // 2
 */
export function subset<Dataset extends AnyDataset>(dataset: Dataset, indices: ArrayLike<number>): SameKind<Dataset> {
  const { length, classNames } = dataset;
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
  return view(dataset, {
    length: chosen.length,
    classNames,
    fingerprint: once(async () =>
      fingerprint([
        textPart('dataset', await dataset.fingerprint()),
        { name: 'indices', shape: [chosen.length], data: chosen },
      ]),
    ),
    source: (index) => ({ dataset, index: chosen[index]! }),
  });
}

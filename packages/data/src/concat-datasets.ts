import { fingerprint, KdError } from '@kd/core';
import { type AnyDataset, infoReader, isEncoded, type SameKind } from './dataset-kinds.ts';
import { once } from './once.ts';
import { textPart, view } from './view.ts';

export interface ConcatDatasetsOptions {
  /** One name for each dataset; the id of a sample becomes `<name>/<id>`. Needed where two datasets share ids. */
  names?: readonly string[];
}

const mismatch = (message: string, details: Record<string, unknown>): KdError =>
  new KdError('MISMATCH', `concatDatasets: ${message}`, details);

function checkAlike(datasets: readonly AnyDataset[]): void {
  const [first, ...others] = datasets;
  others.forEach((dataset, i) => {
    const position = i + 1;
    if (isEncoded(dataset) !== isEncoded(first!)) {
      throw mismatch(
        `dataset ${position} holds ${isEncoded(dataset) ? 'encoded images' : 'pixels'}, dataset 0 does not`,
        {
          position,
        },
      );
    }
    const [names, firstNames] = [dataset.classNames, first!.classNames];
    if (names.length !== firstNames.length || names.some((name, label) => name !== firstNames[label])) {
      throw mismatch(
        `dataset ${position} has classes [${names.join(', ')}], dataset 0 [${firstNames.join(', ')}]; mapLabels makes them equal`,
        { position, classNames: names },
      );
    }
    if (!isEncoded(dataset) && !isEncoded(first!) && `${dataset.imageShape}` !== `${first!.imageShape}`) {
      throw mismatch(`dataset ${position} has images of [${dataset.imageShape}], dataset 0 of [${first!.imageShape}]`, {
        position,
        imageShape: dataset.imageShape,
      });
    }
  });
}

/** The same id must mean the same sample: caches go by it. */
function checkIds(datasets: readonly AnyDataset[]): void {
  const seen = new Map<number | string, number>();
  datasets.forEach((dataset, position) => {
    const info = infoReader(dataset);
    for (let index = 0; index < dataset.length; index++) {
      const { id } = info(index);
      const before = seen.get(id);
      if (before !== undefined && before !== position) {
        throw mismatch(`id '${id}' is in datasets ${before} and ${position}; { names } puts a name before each id`, {
          id,
          datasets: [before, position],
        });
      }
      seen.set(id, position);
    }
  });
}

/**
 * Several datasets of one kind, one after the other.
 *
 * @param datasets with equal class names and, for pixels, equal image shapes
 * @returns a view: no image is read or copied
 * @throws {KdError} INVALID_ARGUMENT if there is none, or not one name for each
 * @throws {KdError} MISMATCH if kinds, classes or shapes differ, or two datasets share an id
 *
 * @example
 * import { arrayDataset, concatDatasets } from '@kd/data';
 * const make = (pixel: number) => arrayDataset({ images: { data: Uint8Array.of(pixel), shape: [1, 1, 1] } });
 * const both = concatDatasets([make(1), make(2)], { names: ['a', 'b'] });
 * console.log(both.length, both.get(1).id); // 2 b/0
 */
export function concatDatasets<Dataset extends AnyDataset>(
  datasets: readonly Dataset[],
  { names }: ConcatDatasetsOptions = {},
): SameKind<Dataset> {
  const [first] = datasets;
  if (!first) throw new KdError('INVALID_ARGUMENT', 'concatDatasets: no datasets given');
  if (names && (names.length !== datasets.length || new Set(names).size !== names.length)) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `concatDatasets: names [${names.join(', ')}] must be ${datasets.length} different ones, one for each dataset`,
      { names },
    );
  }
  checkAlike(datasets);
  if (!names) checkIds(datasets);
  const ends: number[] = [];
  for (const { length } of datasets) ends.push((ends.at(-1) ?? 0) + length);
  const partOf = (index: number): number => ends.findIndex((end) => index < end);
  return view(first, {
    length: ends.at(-1)!,
    classNames: first.classNames,
    fingerprint: once(async () => {
      const prints = await Promise.all(datasets.map((dataset) => dataset.fingerprint()));
      return fingerprint([textPart('datasets', prints.join('\n')), textPart('names', JSON.stringify(names ?? null))]);
    }),
    source: (index) => {
      const part = partOf(index);
      return { dataset: datasets[part]!, index: index - (ends[part - 1] ?? 0) };
    },
    ...(names && { id: (id, index) => `${names[partOf(index)]}/${id}` }),
  });
}

import { type EncodedDataset, type ImageArray, type ImageDataset, KdError, permutation } from '@kd/core';
import { checkInteger } from '../../checks.ts';
import { infoReader, isEncoded } from '../../dataset-kinds.ts';
import { decodeImage } from '../decode-image.ts';

export interface ChooseOptions {
  /** Which samples, by their index. */
  indices?: readonly number[] | undefined;
  /** How many, if `indices` are not given: as many of each class. */
  count: number;
  /** Of the choice: integer in [0, 2^53). */
  seed: number;
}

/** Samples to look at: those asked for, else some of each class, class by class. */
export function chooseSamples(
  where: string,
  dataset: ImageDataset | EncodedDataset,
  { indices, count, seed }: ChooseOptions,
): number[] {
  if (indices) {
    for (const index of indices) checkInteger(where, 'index', index, 0, dataset.length);
    if (indices.length === 0) throw new KdError('INVALID_ARGUMENT', `${where}: indices are empty; name at least one`);
    return [...indices];
  }
  checkInteger(where, 'count', count, 1, Number.POSITIVE_INFINITY);
  const info = infoReader(dataset);
  const labels = Array.from({ length: dataset.length }, (_, index) => info(index).label);
  const order = permutation(dataset.length, { seed, stream: 'sheet' });
  const chosen = inTurns(order, (index) => labels[index] ?? -1).slice(0, count);
  return chosen.sort((a, b) => (labels[a] ?? -1) - (labels[b] ?? -1) || a - b);
}

/** One of each class, another one of each class, … until all are there. */
function inTurns(order: Uint32Array, classOf: (index: number) => number): number[] {
  const byClass = new Map<number, number[]>();
  for (const index of order) {
    const members = byClass.get(classOf(index));
    if (members) members.push(index);
    else byClass.set(classOf(index), [index]);
  }
  const columns = [...byClass.values()];
  const longest = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => columns.flatMap((column) => column[turn] ?? [])).flat();
}

/** One sample to look at; `error` in place of an image that cannot be read. */
export interface LookedAt {
  id: number | string;
  /** Name of its class, or nothing. */
  className: string;
  image?: ImageArray;
  error?: string;
}

export async function lookAt(dataset: ImageDataset | EncodedDataset, index: number): Promise<LookedAt> {
  const { id, label } = infoReader(dataset)(index);
  const className = label === undefined ? '' : (dataset.classNames[label] ?? `class ${label}`);
  try {
    const image = isEncoded(dataset)
      ? await decodeImage(await dataset.read(index), { name: String(id) })
      : dataset.get(index).image;
    return { id, className, image };
  } catch (error) {
    return { id, className, error: (error as Error).message };
  }
}

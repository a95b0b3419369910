import { inspect } from 'node:util';
import { KdError } from '@kd/core';
import { type AnyDataset, infoReader } from '../../dataset-kinds.ts';
import { inSplitOrder } from '../../formats/split-names.ts';
import { textTable } from './text-table.ts';

/** A data set with all its splits. Printed, it is a sheet of splits, columns, classes and counts. */
export interface LoadedDataset<Dataset extends AnyDataset = AnyDataset> {
  readonly name: string;
  readonly classNames: readonly string[];
  /** Type of each column by its name. */
  readonly columns: Readonly<Record<string, string>>;
  /** All of them, by name. */
  readonly splits: Readonly<Record<string, Dataset>>;
  readonly train?: Dataset;
  readonly validation?: Dataset;
  readonly test?: Dataset;
  /** The sheet. */
  toString(): string;
}

/** A data set whose splits are known before it is loaded. */
export type WithSplits<Dataset extends AnyDataset, Splits extends string> = LoadedDataset<Dataset> & {
  readonly [Split in Splits]: Dataset;
};

/** Samples of each class, and of none. */
export function classCounts(dataset: AnyDataset): { counts: number[]; unlabelled: number } {
  const info = infoReader(dataset);
  const counts = new Array<number>(dataset.classNames.length).fill(0);
  let unlabelled = 0;
  for (let index = 0; index < dataset.length; index++) {
    const { label } = info(index);
    if (label === undefined) unlabelled += 1;
    else counts[label]! += 1;
  }
  return { counts, unlabelled };
}

const MAX_CLASS_COLUMNS = 12; // as many as a line has room for

function sheet({ name, columns, classNames, splits }: LoadedDataset): string {
  const shown = classNames.slice(0, MAX_CLASS_COLUMNS);
  const counted = Object.entries(splits).map(([split, dataset]) => ({ split, dataset, ...classCounts(dataset) }));
  const hasUnlabelled = counted.some(({ unlabelled }) => unlabelled > 0);
  const isCut = shown.length < classNames.length;
  const rows = counted.map(({ split, dataset, counts, unlabelled }) => [
    split,
    `${dataset.length}`,
    ...(isCut ? [`${Math.min(...counts)} to ${Math.max(...counts)}`] : counts.map(String)),
    ...(hasUnlabelled ? [`${unlabelled}`] : []),
  ]);
  const head = ['split', 'samples', ...(isCut ? ['in a class'] : shown), ...(hasUnlabelled ? ['unlabelled'] : [])];
  const named = Object.entries(columns).map(([column, type]) => `${column} (${type})`);
  return [
    name,
    `columns  ${named.join(', ')}`,
    `classes  ${classNames.length === 0 ? 'none' : `${classNames.length}: ${shown.join(', ')}${isCut ? ', …' : ''}`}`,
    '',
    textTable(head, rows),
  ].join('\n');
}

/** Puts splits together under their names. */
export function loadedDataset<Dataset extends AnyDataset>(
  name: string,
  columns: Readonly<Record<string, string>>,
  splits: ReadonlyMap<string, Dataset>,
): LoadedDataset<Dataset> {
  const [first] = splits.values();
  if (!first) throw new KdError('NOT_FOUND', `loadDataset: '${name}' has no splits`);
  const ordered = Object.fromEntries(inSplitOrder(splits.keys()).map((split) => [split, splits.get(split)!]));
  const { train, validation, test } = ordered;
  const loaded: LoadedDataset<Dataset> = {
    name,
    classNames: first.classNames,
    columns,
    splits: ordered,
    ...(train && { train }),
    ...(validation && { validation }),
    ...(test && { test }),
    toString: () => sheet(loaded),
  };
  Object.defineProperty(loaded, inspect.custom, { value: () => sheet(loaded), enumerable: false });
  return loaded;
}

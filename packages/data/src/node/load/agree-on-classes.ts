import { KdError } from '@kd/core';
import { byCodePoint } from '../../formats/order.ts';
import { refuseEmptyClasses } from '../folders/empty-classes.ts';
import type { OpenedSplit } from '../opened-split.ts';
import type { SplitOpener } from './split-openers.ts';

const isNumbered = (names: readonly string[]): boolean => names.every((name, i) => name === `${i}`);

/** The classes of all splits: the longest of '0', '1', …, else all names that occur. */
function union(lists: readonly (readonly string[])[]): string[] {
  if (lists.every(isNumbered)) return [...lists.reduce((a, b) => (a.length >= b.length ? a : b))];
  return [...new Set(lists.flat())].sort(byCodePoint);
}

/**
 * Opens splits so that a label means the same class in all of them. Where classes are gathered from what occurs (names of
 * folders, texts), a split without one of them would number the rest otherwise; it is opened again with the classes of all.
 *
 * @throws {KdError} MISMATCH if the files of two splits name different classes
 * @throws {KdError} INVALID_DATA if a folder among those of classes has no images in any split
 */
export async function openAll(openers: ReadonlyMap<string, SplitOpener>): Promise<Map<string, OpenedSplit>> {
  const opened = new Map<string, OpenedSplit>();
  for (const [split, open] of openers) opened.set(split, await open(undefined));
  const all = [...opened.values()];
  const classesOf = ({ dataset }: OpenedSplit): string => JSON.stringify(dataset.classNames);
  const named = [...opened].find(([, split]) => split.namesClasses);
  const other = [...opened].find(
    ([, split]) => named && split.namesClasses && classesOf(split) !== classesOf(named[1]),
  );
  if (named && other) {
    throw new KdError(
      'MISMATCH',
      `loadDataset: split '${other[0]}' has classes ${classesOf(other[1])}, '${named[0]}' has ${classesOf(named[1])}`,
    );
  }
  const classNames = named ? named[1].dataset.classNames : union(all.map(({ dataset }) => dataset.classNames));
  const empty = all.flatMap(({ emptyClasses = [] }) => emptyClasses);
  refuseEmptyClasses(
    'loadDataset',
    empty.filter((path) => !classNames.includes(path.split('/').at(-1)!)),
  );
  for (const [split, open] of openers) {
    if (classesOf(opened.get(split)!) !== JSON.stringify(classNames)) opened.set(split, await open(classNames));
  }
  return opened;
}

import { KdError } from '@kd/core';
import { byCodePoint } from '../../formats/order.ts';
import type { MetadataRow } from './metadata.ts';

const isNumber = (value: unknown): boolean => /^-?\d+$/.test(String(value));

/** The column of the labels: the one asked for, else `label` or `labels` if there is one. */
function labelColumn(rows: readonly MetadataRow[], asked: string | undefined): string | undefined {
  const columns = new Set(rows.flatMap(({ values }) => Object.keys(values)));
  if (asked === undefined) return ['label', 'labels'].find((name) => columns.has(name));
  if (columns.has(asked)) return asked;
  throw new KdError('INVALID_ARGUMENT', `${rows[0]!.place}: no column '${asked}'; there is ${[...columns].join(', ')}`);
}

/**
 * Labels of rows as numbers: whole numbers as they are, texts by the place of their name among the classes. An empty
 * value is -1, no label.
 *
 * @param classNames @default the texts that occur, by code points; for numbers '0', '1', …
 */
export function metadataLabels(
  rows: readonly MetadataRow[],
  asked: string | undefined,
  classNames: readonly string[] | undefined,
): { labels: number[]; classNames: readonly string[] | undefined } | undefined {
  const column = labelColumn(rows, asked);
  if (column === undefined) return undefined;
  const cells = rows.map(({ values }) => values[column]);
  const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';
  const many = cells.findIndex((value) => typeof value === 'object' && value !== null);
  if (many >= 0) {
    const text = JSON.stringify(cells[many]).slice(0, 40);
    throw new KdError('INVALID_DATA', `${rows[many]!.place}: ${column} is ${text}, expected a number or a text`);
  }
  const filled = cells.filter((value) => !isEmpty(value));
  const byNumber = filled.every(isNumber) && !filled.some((value) => classNames?.includes(String(value)));
  const names = classNames ?? (byNumber ? undefined : [...new Set(filled.map(String))].sort(byCodePoint));
  const labels = cells.map((value, row) => {
    if (isEmpty(value)) return -1;
    const label = byNumber ? Number(value) : names!.indexOf(String(value));
    if (label >= (byNumber ? -1 : 0) && label < (names?.length ?? 2 ** 31)) return label;
    throw new KdError(
      'INVALID_DATA',
      `${rows[row]!.place}: ${column} '${String(value)}' is not one of the classes [${names?.join(', ')}]`,
      { label: value },
    );
  });
  return { labels, classNames: names };
}

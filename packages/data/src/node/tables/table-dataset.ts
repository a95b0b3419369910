import { KdError } from '@kd/core';
import { encodedDataset } from '../../encoded-dataset.ts';
import { byCodePoint } from '../../formats/order.ts';
import type { OpenedSplit } from '../opened-split.ts';
import { columnTypes, idLeaf, imageLeaf, labelLeaf, type TableOptions } from './table-columns.ts';
import type { TableFile } from './table-file.ts';

type Cell = number | string | null;

/** Values of one column of all files, and for each row where it is, for messages. */
async function columnOf(files: readonly TableFile[], leaf: string): Promise<Cell[]> {
  const all: Cell[] = [];
  for (const file of files) for (const value of await file.column(leaf)) all.push(value);
  return all;
}

/** Labels as numbers: -1 for none. Numbers are checked against the classes here, where file and row are known. */
function labelsOf(
  cells: readonly Cell[],
  classNames: readonly string[] | undefined,
  placeOf: (row: number) => string,
): { labels: Int32Array; classNames: readonly string[] | undefined } {
  const isText = cells.some((cell) => typeof cell === 'string');
  const names =
    classNames ??
    (isText ? [...new Set(cells.filter((cell) => cell !== null) as string[])].sort(byCodePoint) : undefined);
  const byName = isText ? new Map(names!.map((name, label) => [name, label])) : undefined;
  const labels = Int32Array.from(cells, (cell, row) => {
    if (cell === null) return -1;
    const label = byName ? (byName.get(cell as string) ?? Number.NaN) : (cell as number);
    if (Number.isInteger(label) && label >= -1 && label < (names?.length ?? 2 ** 31)) return label;
    throw new KdError(
      'INVALID_DATA',
      `${placeOf(row)}: label ${typeof cell === 'string' ? `'${cell}'` : cell} is not one of the ` +
        `${names?.length ?? '2^31'} classes [${names?.slice(0, 10).join(', ') ?? ''}${(names?.length ?? 0) > 10 ? ', …' : ''}]`,
      { row, label: cell },
    );
  });
  return { labels, classNames: names };
}

/**
 * Images, labels and ids of the rows of one or more files with equal columns. Labels and ids are read now, images when
 * they are asked for.
 */
export async function tableDataset(
  caller: string,
  files: readonly TableFile[],
  options: TableOptions & { idOf?: (id: string) => string },
): Promise<OpenedSplit> {
  const { name = 'images', idOf = (each) => each } = options;
  const first = files[0]!;
  const columns = columnTypes(first);
  for (const file of files) {
    const other = columnTypes(file);
    if (JSON.stringify(other) === JSON.stringify(columns)) continue;
    throw new KdError(
      'MISMATCH',
      `${caller}: ${file.path} has columns ${JSON.stringify(other)}, ${first.path} has ${JSON.stringify(columns)}; ` +
        'files of one split must have equal ones',
    );
  }
  const where = `${caller}: ${first.path}`;
  const image = imageLeaf(where, first, options.imageColumn);
  const label = labelLeaf(where, first, options.labelColumn);
  const id = idLeaf(where, first, options.idColumn, image);
  const ends: number[] = [];
  for (const { rows } of files) ends.push((ends.at(-1) ?? 0) + rows);
  const total = ends.at(-1)!;
  const locate = (row: number): { file: TableFile; row: number } => {
    const index = ends.findIndex((end) => row < end);
    return { file: files[index]!, row: row - (ends[index - 1] ?? 0) };
  };
  const placeOf = (row: number): string => {
    const { file, row: inFile } = locate(row);
    return `${caller}: ${file.path}, row ${inFile}`;
  };

  const fixedNames = label === undefined ? undefined : first.features[label]?.classNames;
  for (const file of label === undefined ? [] : files) {
    const names = file.features[label!]?.classNames;
    if (JSON.stringify(names) !== JSON.stringify(fixedNames)) {
      throw new KdError(
        'MISMATCH',
        `${caller}: ${file.path} has classes [${names}], ${first.path} has [${fixedNames}]`,
      );
    }
  }
  const cells = label === undefined ? undefined : await columnOf(files, label);
  const labelled = cells && labelsOf(cells, fixedNames ?? options.classNames, placeOf);
  const found = id && (await columnOf(files, id.leaf));
  const usable = found && (id.asked || (!found.includes(null) && new Set(found).size === found.length));
  const ids = usable
    ? found.map((each) => idOf(`${each}`))
    : Array.from({ length: total }, (_, row) => `${name}/${row}`);
  const unnamed = usable ? found.indexOf(null) : -1;
  if (unnamed >= 0) throw new KdError('INVALID_DATA', `${placeOf(unnamed)}: has no id in column '${id!.leaf}'`);

  const names = labelled?.classNames ?? options.classNames;
  const dataset = encodedDataset({
    ids,
    name: first.path,
    ...(labelled && { labels: labelled.labels }),
    ...(names && { classNames: names }),
    read: async (row) => {
      const { file, row: inFile } = locate(row);
      const bytes = await file.bytes(image, inFile);
      if (bytes) return bytes;
      throw new KdError(
        'INVALID_DATA',
        `${placeOf(row)}: column '${image}' is empty: images that are only named by a path are not in the file`,
        { path: file.path, row: inFile },
      );
    },
  });
  return { dataset, columns, namesClasses: fixedNames !== undefined };
}

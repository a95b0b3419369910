import { KdError } from '@kd/core';
import type { TableFile } from './table-file.ts';

/** Which columns of a table are what. */
export interface TableOptions {
  /** Column of the images: bytes, or a struct with `bytes`. @default the one that `datasets` calls an Image, else the only one of bytes */
  imageColumn?: string;
  /** Column of the labels, numbers or text; `false` for an unlabelled set. @default the ClassLabel, else `label` or `labels` */
  labelColumn?: string | false;
  /** Column of the ids. @default `image_file_path`, else the images' paths if each is there once, else row numbers */
  idColumn?: string;
  /** Names of the classes, where the file does not have them. @default from a ClassLabel; else the labels that occur */
  classNames?: readonly string[];
  /** What ids that are row numbers start with, and what messages call the data. @default 'images' */
  name?: string;
}

const missing = (where: string, what: string, { leaves }: TableFile): KdError =>
  new KdError(
    'INVALID_DATA',
    `${where}: ${what}; it has ${[...leaves].map(([leaf, kind]) => `${leaf} (${kind})`).join(', ')}`,
  );

/** The leaf that holds the bytes of the images. */
export function imageLeaf(where: string, file: TableFile, column: string | undefined): string {
  const bytesOf = (name: string): string | undefined =>
    [`${name}.bytes`, name].find((leaf) => file.leaves.get(leaf) === 'bytes');
  const named = column ?? Object.keys(file.features).find((name) => file.features[name]!.type === 'Image');
  const leaf = named === undefined ? undefined : bytesOf(named);
  if (leaf !== undefined) return leaf;
  if (named !== undefined) throw missing(where, `column '${named}' holds no images as bytes`, file);
  const candidates = [...file.leaves].filter(([, kind]) => kind === 'bytes').map(([name]) => name);
  if (candidates.length === 1) return candidates[0]!;
  throw missing(where, `which column holds the images? Pass { imageColumn }`, file);
}

/** The leaf that holds the labels, if there is one. */
export function labelLeaf(where: string, file: TableFile, column: string | false | undefined): string | undefined {
  const isLabel = (leaf: string): boolean => ['integer', 'text'].includes(file.leaves.get(leaf) ?? '');
  if (column === false) return undefined;
  if (column !== undefined) {
    if (isLabel(column)) return column;
    throw missing(where, `column '${column}' holds no labels, numbers or text`, file);
  }
  const usual = ['label', 'labels'];
  const classLabels = Object.keys(file.features).filter(
    (name) => file.features[name]!.type === 'ClassLabel' && isLabel(name),
  );
  const found = classLabels.length > 1 ? classLabels.filter((name) => usual.includes(name)) : classLabels;
  if (found.length === 1) return found[0];
  if (classLabels.length > 1) {
    throw missing(where, `${classLabels.join(' and ')} are class labels: which one? Pass { labelColumn }`, file);
  }
  return usual.find(isLabel);
}

/** The leaf that holds the ids, if there is one, and whether it was asked for. */
export function idLeaf(
  where: string,
  file: TableFile,
  column: string | undefined,
  image: string,
): { leaf: string; asked: boolean } | undefined {
  if (column !== undefined) {
    if (['integer', 'text'].includes(file.leaves.get(column) ?? '')) return { leaf: column, asked: true };
    throw missing(where, `column '${column}' holds no ids, numbers or text`, file);
  }
  const leaf = ['image_file_path', image.replace(/\.bytes$/, '.path')].find((name) => file.leaves.get(name) === 'text');
  return leaf === undefined ? undefined : { leaf, asked: false };
}

/** Type of each column by its name, for people. */
export function columnTypes({ features, leaves }: TableFile): Record<string, string> {
  const types: Record<string, string> = {};
  for (const [leaf, kind] of leaves) {
    const name = leaf.split('.')[0]!;
    const feature = features[name];
    types[name] = feature
      ? feature.type === 'Value'
        ? (feature.dtype ?? 'Value')
        : feature.type
      : name === leaf
        ? kind
        : 'struct';
  }
  return types;
}

import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { KdError } from '@kd/core';
import { splitOfName, splitsOfFiles } from '../../formats/split-names.ts';
import { imageFiles } from '../folders/image-files.ts';
import { readMetadata } from '../folders/metadata.ts';
import { openFolder } from '../folders/open-folder.ts';
import { walkFiles } from '../folders/walk-files.ts';
import type { OpenedSplit } from '../opened-split.ts';
import { openArrow } from '../tables/arrow/open-arrow.ts';
import { openParquet, pageCache } from '../tables/parquet/open-parquet.ts';
import type { TableOptions } from '../tables/table-columns.ts';
import { tableDataset } from '../tables/table-dataset.ts';
import type { TableFile } from '../tables/table-file.ts';

/** Opens one split, with the classes of all of them where they have to be the same. */
export type SplitOpener = (classNames: readonly string[] | undefined) => Promise<OpenedSplit>;

/** Which columns are what, and what becomes of an id. */
export interface OpenerOptions extends TableOptions {
  idOf?: (id: string) => string;
}

const CALLER = 'loadDataset';
const isTable = (path: string): boolean =>
  /\.(parquet|arrow)$/i.test(path) && !/^(cache-|metadata\.)/.test(basename(path));

/** Opens files of a split, each as what its name says. */
export function tableOpener(split: string, paths: readonly string[], options: OpenerOptions): SplitOpener {
  return async (classNames) => {
    const pages = pageCache();
    const open = (path: string): Promise<TableFile> =>
      /\.arrow$/i.test(path) ? openArrow(CALLER, path) : openParquet(CALLER, path, pages);
    const files = await Promise.all(paths.map(open));
    return tableDataset(CALLER, files, { name: split, ...options, ...(classNames && { classNames }) });
  };
}

/** Parquet and Arrow files by split. */
export function fileOpeners(paths: readonly string[], options: OpenerOptions): Map<string, SplitOpener> {
  const odd = paths.find((path) => !isTable(path));
  if (odd !== undefined || paths.length === 0) {
    throw new KdError('INVALID_ARGUMENT', `${CALLER}: ${odd ?? 'an empty list'} is no Parquet or Arrow file`, {
      paths,
    });
  }
  const absolute = paths.map((path) => resolve(path));
  // Folders above all of them say nothing about splits: a set may well be kept in a folder `test`.
  let top = dirname(absolute[0]!);
  while (!absolute.every((path) => path.startsWith(`${top}${sep}`))) top = dirname(top);
  const inTop = absolute.map((path) => relative(top, path).split(sep).join('/'));
  const openers = new Map<string, SplitOpener>();
  for (const [split, files] of splitsOfFiles(inTop)) {
    openers.set(
      split,
      tableOpener(
        split,
        files.map((path) => join(top, path)),
        options,
      ),
    );
  }
  return openers;
}

/** Splits by the folder that they are in, where the folders say so. */
async function splitFolders(root: string, files: readonly string[]): Promise<Map<string, string>> {
  const tops = [...new Set(files.filter((path) => path.includes('/')).map((path) => path.split('/')[0]!))];
  const listed = await readFile(join(root, 'dataset_dict.json'), 'utf8').catch(() => undefined); // of save_to_disk
  if (listed !== undefined) {
    const { splits } = JSON.parse(listed) as { splits?: unknown };
    if (Array.isArray(splits))
      return new Map(splits.filter((split) => tops.includes(split)).map((split) => [split, split]));
  }
  const folders = new Map<string, string>();
  for (const folder of tops) {
    const split = splitOfName(folder);
    if (split === undefined) continue;
    const other = folders.get(split);
    if (other) throw new KdError('INVALID_DATA', `${CALLER}: ${root}: are '${other}' and '${folder}' both ${split}?`);
    folders.set(split, folder);
  }
  return folders;
}

/** Vehicles may be sorted into `car`, `train` and `bus`: with `train` as a split the others would be left out, and no one told. */
async function checkAllInSplits(
  root: string,
  folders: ReadonlyMap<string, string>,
  files: readonly string[],
): Promise<void> {
  const inNone = (path: string): boolean => ![...folders.values()].some((folder) => path.startsWith(`${folder}/`));
  const [stray] = await imageFiles(root, files.filter(inNone));
  if (stray === undefined) return;
  throw new KdError(
    'INVALID_DATA',
    `${CALLER}: ${root}: the folders [${[...folders.values()].join(', ')}] are called as splits, and '${stray}' is in none ` +
      'of them; move it, name the splits to open in { only }, or read folders that are all classes by folderDataset',
    { stray, folders: [...folders.values()] },
  );
}

/**
 * Splits of a folder: of Parquet or Arrow files if there are any, else of images, whose splits are folders called
 * `train`, `validation`, `test` or the like. Without such folders all is `train`.
 *
 * @param only splits that are asked for: without them all images have to be in one
 * @throws {KdError} INVALID_DATA if there are folders of splits and images beside them
 */
export async function folderOpeners(
  root: string,
  options: OpenerOptions,
  only?: readonly string[],
): Promise<Map<string, SplitOpener>> {
  const files = await walkFiles(CALLER, root);
  const folders = await splitFolders(root, files);
  const tables = files.filter(isTable);
  const openers = new Map<string, SplitOpener>();
  const inside = (all: readonly string[], folder: string): string[] =>
    all.filter((path) => path.startsWith(`${folder}/`));
  if (tables.length > 0) {
    const inFolders = [...folders].filter(([, folder]) => inside(tables, folder).length > 0);
    if (inFolders.length === 0)
      return fileOpeners(
        tables.map((path) => join(root, path)),
        options,
      );
    for (const [split, folder] of inFolders) {
      openers.set(
        split,
        tableOpener(
          split,
          inside(tables, folder).map((path) => join(root, path)),
          options,
        ),
      );
    }
    return openers;
  }
  const rows = await readMetadata(CALLER, root, files);
  if (folders.size > 0 && !only) {
    await checkAllInSplits(root, folders, rows.length > 0 ? rows.map(({ file }) => file) : files);
  }
  const parts: [string, string][] =
    folders.size > 0 ? [...folders].map(([split, folder]) => [split, `${folder}/`]) : [['train', '']];
  for (const [split, prefix] of parts) {
    const part = {
      root,
      prefix,
      files: files.filter((path) => path.startsWith(prefix)),
      rows: rows.filter(({ file }) => file.startsWith(prefix)),
    };
    openers.set(split, (classNames) => openFolder(CALLER, part, { ...options, ...(classNames && { classNames }) }));
  }
  return openers;
}

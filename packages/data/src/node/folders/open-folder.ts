import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { encodedDataset } from '../../encoded-dataset.ts';
import { byCodePoint } from '../../formats/order.ts';
import { splitOfName } from '../../formats/split-names.ts';
import type { OpenedSplit } from '../opened-split.ts';
import { emptyClasses } from './empty-classes.ts';
import { imageFiles } from './image-files.ts';
import { isMetadata, type MetadataRow } from './metadata.ts';
import { metadataLabels } from './metadata-labels.ts';

/** How labels of a folder are found. */
export interface FolderOptions {
  /** Column of the labels in metadata files; `false` for an unlabelled set, whatever the folders are called. @default `label` or `labels` */
  labelColumn?: string | false;
  /** The classes in the order of their labels. @default those that occur, by code points */
  classNames?: readonly string[];
}

/** A part of a walked folder: what one split is made of. */
export interface FolderPart {
  /** What the paths are relative to. Ids are these paths. */
  root: string;
  /** Folder of the split in the root, with `/` at its end, or ''. */
  prefix: string;
  /** Files of this part, relative to the root, in order. */
  files: readonly string[];
  /** Rows of metadata files about them. */
  rows: readonly MetadataRow[];
}

function labelsOfFolders(
  where: string,
  { prefix }: FolderPart,
  images: readonly string[],
  given: readonly string[] | undefined,
): { labels: number[]; classNames: readonly string[] } | undefined {
  const folders = images.map((path) => path.slice(prefix.length).split('/').slice(0, -1)[0]);
  const loose = folders.indexOf(undefined);
  if (folders.every((name) => name === undefined)) return undefined;
  if (loose >= 0) {
    throw new KdError(
      'INVALID_DATA',
      `${where}: holds both folders of classes and the image '${images[loose]}' beside them; move it, or pass ` +
        '{ labelColumn: false } for an unlabelled set',
      { image: images[loose] },
    );
  }
  const isSplit = (name: string | undefined): boolean => splitOfName(name!) !== undefined;
  if (!given && prefix === '' && folders.every(isSplit) && images.some((path) => path.split('/').length > 2)) {
    throw new KdError(
      'INVALID_DATA',
      `${where}: its folders are called as splits, [${[...new Set(folders)].join(', ')}], and hold folders themselves: ` +
        'use loadDataset, or pass { classNames } if these are the classes',
      { folders: [...new Set(folders)] },
    );
  }
  const classNames = given ?? [...new Set(folders as string[])].sort(byCodePoint);
  const labels = folders.map((name, i) => {
    const label = classNames.indexOf(name!);
    if (label >= 0) return label;
    throw new KdError(
      'INVALID_DATA',
      `${where}: '${images[i]}' is in a folder '${name}', which is not one of the classes [${classNames.join(', ')}]`,
      { image: images[i] },
    );
  });
  return { labels, classNames };
}

/** Images, ids and labels of a part of a folder. */
export async function openFolder(caller: string, part: FolderPart, options: FolderOptions): Promise<OpenedSplit> {
  const { root, prefix, rows } = part;
  const where = `${caller}: ${join(root, prefix)}`;
  const { labelColumn: column, classNames } = options;
  const hasMetadata = part.files.some(isMetadata) || rows.length > 0;
  const images = hasMetadata ? rows.map(({ file }) => file) : await imageFiles(root, part.files);
  if (images.length === 0) {
    const message = `${where}: holds no images${hasMetadata ? ' that its metadata names' : ''}`;
    throw new KdError('NOT_FOUND', message, { folder: join(root, prefix) });
  }
  const labelled =
    column === false
      ? undefined
      : hasMetadata
        ? metadataLabels(rows, column, classNames)
        : labelsOfFolders(where, part, images, classNames);
  const extra = hasMetadata ? Object.keys(rows[0]!.values).map((name) => [name, 'metadata']) : [];
  const names = labelled?.classNames ?? classNames;
  const gathered = labelled && !hasMetadata && !classNames ? labelled.classNames : undefined; // by the folders alone
  const dataset = encodedDataset({
    ids: images,
    name: join(root, prefix),
    ...(labelled && { labels: labelled.labels }),
    ...(names && { classNames: names }),
    read: async (index) => {
      const path = join(root, images[index]!);
      const bytes = await readFile(path).catch((cause: Error) => {
        throw new KdError('NOT_FOUND', `${caller}: cannot read ${path}: ${cause.message}`, { path }, { cause });
      });
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    },
  });
  return {
    dataset,
    columns: {
      image: 'Image',
      ...(labelled && !hasMetadata && { label: 'ClassLabel' }),
      ...Object.fromEntries(extra),
    },
    namesClasses: false,
    emptyClasses: gathered ? await emptyClasses(root, prefix, gathered) : [],
  };
}

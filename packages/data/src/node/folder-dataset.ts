import type { EncodedDataset } from '@kd/core';
import { refuseEmptyClasses } from './folders/empty-classes.ts';
import { readMetadata } from './folders/metadata.ts';
import { type FolderOptions, openFolder } from './folders/open-folder.ts';
import { walkFiles } from './folders/walk-files.ts';

/**
 * Images of a folder; `loadDataset` is for one that is divided into `train`, `validation` and `test`.
 *
 * - With `metadata.csv` or `metadata.jsonl`: the images that it names in `file_name`, in its order, labelled by its
 *   column `label`, as Hugging Face's ImageFolder.
 * - With folders in it: each is a class, as torchvision's ImageFolder; labels in the order of their names. One without
 *   images is refused, unless `classNames` says what the classes are.
 * - Else unlabelled.
 *
 * Ids are the paths in the folder. Names that start with `.` or `__` are left out, and files that are no images by name
 * or first bytes. Images are read when they are asked for.
 *
 * @throws {KdError} NOT_FOUND if there is no such folder, no image in it, or not one that the metadata names; from `read`
 *   if an image has gone
 * @throws {KdError} INVALID_DATA if images lie beside folders of classes, a folder of a class has none, the folders are
 *   splits, a label is not one of the classes, metadata is malformed or leads out of the folder; from `read` if an image
 *   has no bytes
 *
 * @example
 * import { mkdir, writeFile } from 'node:fs/promises';
 * import { folderDataset } from '@kd/data/node';
 * for (const name of ['cat', 'dog']) {
 *   await mkdir(`pets/${name}`, { recursive: true });
 *   await writeFile(`pets/${name}/1.jpg`, Uint8Array.of(0xff, 0xd8, 0xff));
 * }
 * const pets = await folderDataset('pets');
 * console.log(pets.classNames, pets.info(1)); // [ 'cat', 'dog' ] { id: 'dog/1.jpg', label: 1 }
 */
export async function folderDataset(folder: string, options: FolderOptions = {}): Promise<EncodedDataset> {
  const files = await walkFiles('folderDataset', folder);
  const rows = await readMetadata('folderDataset', folder, files);
  const opened = await openFolder('folderDataset', { root: folder, prefix: '', files, rows }, options);
  refuseEmptyClasses(`folderDataset: ${folder}`, opened.emptyClasses ?? []);
  return opened.dataset;
}

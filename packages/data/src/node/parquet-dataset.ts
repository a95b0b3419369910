import { type EncodedDataset, KdError } from '@kd/core';
import { openParquet, pageCache } from './tables/parquet/open-parquet.ts';
import type { TableOptions } from './tables/table-columns.ts';
import { tableDataset } from './tables/table-dataset.ts';

/** At least one file, or what to do about it. */
export function checkPaths(caller: string, paths: readonly string[]): void {
  if (paths.length === 0) throw new KdError('INVALID_ARGUMENT', `${caller}: no files given`);
}

/**
 * Images of one or more Parquet files, as the Hugging Face Hub has them: a column `image` of `struct{bytes, path}`, a
 * column of labels whose classes the file names, in any codec and encoding.
 *
 * Labels and ids are read now, images when they are asked for, a page of about 1 MB at a time; the last 64 MB of pages
 * are kept. So sets of any size can be read in any order, and cheapest from front to end.
 *
 * @param paths of one split, in the order of its samples
 * @throws {KdError} NOT_FOUND if a file is missing
 * @throws {KdError} INVALID_DATA if a file is cut or damaged (from `read` where it is an image), it has no column of
 *   images, a label is not one of its classes, or an id stands twice; the message has file and row
 * @throws {KdError} MISMATCH if files have different columns or classes
 *
 * Reference: Apache Parquet format 2.11; features as Python's `datasets` writes them.
 *
 * @example
 * import { parquetDataset } from '@kd/data/node';
 * const train = await parquetDataset(['beans/train.parquet']).catch((error: Error) => error.message);
 * console.log(typeof train === 'string' ? train.slice(0, 32) : train.classNames); // parquetDataset: cannot read bean
 */
export async function parquetDataset(paths: readonly string[], options: TableOptions = {}): Promise<EncodedDataset> {
  checkPaths('parquetDataset', paths);
  const pages = pageCache();
  const files = await Promise.all(paths.map((path) => openParquet('parquetDataset', path, pages)));
  return (await tableDataset('parquetDataset', files, options)).dataset;
}

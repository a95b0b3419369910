import type { EncodedDataset } from '@kd/core';
import { checkPaths } from './parquet-dataset.ts';
import { openArrow } from './tables/arrow/open-arrow.ts';
import type { TableOptions } from './tables/table-columns.ts';
import { tableDataset } from './tables/table-dataset.ts';

/**
 * Images of one or more Arrow IPC files or streams: what Python's `datasets` keeps in its cache and writes with
 * `save_to_disk`. Columns as in `parquetDataset`.
 *
 * Labels and ids are read now, each image by its own range of bytes when it is asked for; nothing is kept in memory.
 *
 * @param paths of one split, in the order of its samples
 * @throws {KdError} as `parquetDataset`; UNSUPPORTED if batches are compressed, which `datasets` does not do
 *
 * Reference: Arrow Columnar Format 1.5, "Serialization and Interprocess Communication".
 *
 * @example
 * import { arrowDataset } from '@kd/data/node';
 * const train = await arrowDataset(['beans/train.arrow']).catch((error: Error) => error.message);
 * console.log(typeof train === 'string' ? train.slice(0, 30) : train.classNames); // arrowDataset: cannot read bean
 */
export async function arrowDataset(paths: readonly string[], options: TableOptions = {}): Promise<EncodedDataset> {
  checkPaths('arrowDataset', paths);
  const files = await Promise.all(paths.map((path) => openArrow('arrowDataset', path)));
  return (await tableDataset('arrowDataset', files, options)).dataset;
}

import { KdError } from '@kd/core';
import { type HubOptions, openRepo, type Repo } from '@kd/core/node';
import { splitOfName, splitsOfFiles } from '../../formats/split-names.ts';

/** Parquet files of a data set of the Hub, by split, and the repository that has them. */
export interface HubFiles {
  repo: Repo;
  splits: Map<string, string[]>;
}

const CONVERTED = 'refs/convert/parquet'; // the Hub's own copy in Parquet of sets in other formats

const top = (path: string): string => path.split('/')[0]!;
const isData = (path: string): boolean => /(^|\/)(?!metadata\.)[^/.][^/]*\.parquet$/.test(path);

/** The files of one configuration; a configuration is a folder. */
function ofConfig(
  id: string,
  files: readonly string[],
  configs: readonly string[],
  asked: string | undefined,
): string[] {
  const chosen = asked ?? (configs.length === 1 ? configs[0] : configs.find((config) => config === 'default'));
  if (chosen !== undefined && configs.includes(chosen)) return files.filter((path) => top(path) === chosen);
  throw new KdError(
    'INVALID_ARGUMENT',
    `loadDataset: '${id}' has ${asked === undefined ? 'several configurations' : `no configuration '${asked}'`}; ` +
      `pass { config }, one of ${configs.join(', ')}`,
    { id, configs },
  );
}

/** Splits of the Hub's conversion: `<config>/<split>/0000.parquet`. */
function convertedSplits(id: string, files: readonly string[], config: string | undefined): Map<string, string[]> {
  const splits = new Map<string, string[]>();
  for (const path of ofConfig(id, files, [...new Set(files.map(top))], config)) {
    const split = path.split('/')[1]!;
    splits.set(split, [...(splits.get(split) ?? []), path]);
  }
  const partial = [...splits.keys()].find((split) => split.startsWith('partial-'));
  if (partial === undefined) return splits;
  throw new KdError(
    'UNSUPPORTED',
    `loadDataset: the Hub has converted only the first part of '${id}' to Parquet (${partial}); ` +
      'download its files and pass { source: folder }',
    { id, partial },
  );
}

/**
 * Finds the Parquet files of a data set on the Hub: its own, else those that the Hub has made of it.
 *
 * Its own are split by their names, as `datasets` does where a repository's README says nothing else. Where they are
 * under several folders, each is a configuration.
 *
 * @throws {KdError} NOT_FOUND if there are none; INVALID_ARGUMENT if a configuration has to be chosen; UNSUPPORTED if the
 *   Hub's conversion is not whole
 */
export async function hubFiles(id: string, config: string | undefined, options: HubOptions): Promise<HubFiles> {
  const repo = await openRepo(id, { ...options, type: 'dataset' });
  const own = (await repo.list()).filter(isData);
  const configs = [...new Set(own.filter((path) => path.includes('/')).map(top))].filter(
    (folder) => folder !== 'data' && splitOfName(folder) === undefined,
  );
  if (own.length > 0 && (config === undefined ? configs.length < 2 : configs.includes(config))) {
    return { repo, splits: splitsOfFiles(config === undefined ? own : own.filter((path) => top(path) === config)) };
  }
  if (own.length > 0) return { repo, splits: splitsOfFiles(ofConfig(id, own, configs, config)) };

  const nothing = (cause?: unknown): KdError =>
    new KdError(
      'NOT_FOUND',
      `loadDataset: '${id}' has no Parquet files${options.revision ? ` at revision '${options.revision}'` : ', and the Hub has made none of it'}`,
      { id },
      { cause },
    );
  if (options.revision !== undefined) throw nothing();
  const converted = await openRepo(id, { ...options, type: 'dataset', revision: CONVERTED }).catch((error: unknown) => {
    throw KdError.isInstance(error) && error.code === 'NOT_FOUND' ? nothing(error) : error;
  });
  const files = (await converted.list()).filter((path) => isData(path) && path.split('/').length === 3);
  if (files.length === 0) throw nothing();
  return { repo: converted, splits: convertedSplits(id, files, config) };
}

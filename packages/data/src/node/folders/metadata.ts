import { readFile, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { KdError } from '@kd/core';
import { parseCsv } from '../../formats/csv.ts';

/** What one row of a metadata file says. */
export interface MetadataRow {
  /** Path of the image, relative to the folder of the set, with `/`. */
  file: string;
  /** The other columns. */
  values: Readonly<Record<string, unknown>>;
  /** Metadata file and line, for messages. */
  place: string;
}

const NAMES = ['metadata.csv', 'metadata.jsonl'];

export function isMetadata(path: string): boolean {
  return NAMES.includes(basename(path));
}

function csvRows(where: string, text: string): { line: number; values: Record<string, unknown> }[] {
  const [head, ...records] = parseCsv(where, text);
  if (!head) throw new KdError('INVALID_DATA', `${where}: is empty`);
  return records.map(({ line, fields }) => {
    if (fields.length !== head.fields.length) {
      throw new KdError(
        'INVALID_DATA',
        `${where}: line ${line}: ${fields.length} fields where the head has ${head.fields.length}`,
        { line },
      );
    }
    return { line, values: Object.fromEntries(head.fields.map((name, i) => [name, fields[i]])) };
  });
}

function jsonRows(where: string, text: string): { line: number; values: Record<string, unknown> }[] {
  return text.split(/\r?\n/).flatMap((json, i) => {
    if (json.trim() === '') return [];
    const line = i + 1;
    let values: unknown;
    try {
      values = JSON.parse(json);
    } catch (cause) {
      throw new KdError('INVALID_DATA', `${where}: line ${line}: ${(cause as Error).message}`, { line }, { cause });
    }
    if (typeof values === 'object' && values !== null) return [{ line, values: values as Record<string, unknown> }];
    throw new KdError('INVALID_DATA', `${where}: line ${line}: ${json.slice(0, 40)} is not an object`, { line });
  });
}

/** The path as it is from the root, if it stays inside of it. */
function insidePath(place: string, folder: string, name: unknown): string {
  if (typeof name !== 'string' || name === '') {
    throw new KdError('INVALID_DATA', `${place}: has no file_name, the column that says which image it is of`);
  }
  const path = posix.normalize(posix.join(folder, name));
  if (!/^([a-zA-Z]:|[\\/])|\\|\0/.test(name) && path !== '..' && !path.startsWith('../')) return path;
  throw new KdError('INVALID_DATA', `${place}: file_name '${name}' leads out of the folder`, { name });
}

/**
 * Rows of the metadata files among the files of a folder: `metadata.csv` or `metadata.jsonl`, in the folder itself or in
 * folders of it, with a column `file_name` relative to where the metadata file is.
 *
 * @throws {KdError} INVALID_DATA if one is malformed, names a path outside of the folder, one that is not there, or one
 *   twice
 */
export async function readMetadata(caller: string, root: string, files: readonly string[]): Promise<MetadataRow[]> {
  const table = files.find((path) => basename(path) === 'metadata.parquet');
  if (table !== undefined) {
    throw new KdError(
      'UNSUPPORTED',
      `${caller}: ${join(root, table)}: write the metadata as metadata.csv or metadata.jsonl`,
    );
  }
  const present = new Set(files);
  const named = new Map<string, string>();
  const rows: MetadataRow[] = [];
  for (const path of files.filter(isMetadata)) {
    const where = `${caller}: ${join(root, path)}`;
    const text = new TextDecoder().decode(await readFile(join(root, path)));
    const folder = posix.dirname(path);
    for (const { line, values } of path.endsWith('.csv') ? csvRows(where, text) : jsonRows(where, text)) {
      const { file_name: name, ...others } = values;
      const place = `${where}: line ${line}`;
      const file = insidePath(place, folder, name);
      // Not among the files if it is hidden, or written in another case on a disk that does not mind.
      const isThere =
        present.has(file) ||
        (await stat(join(root, file)).then(
          (found) => found.isFile(),
          () => false,
        ));
      if (!isThere) throw new KdError('NOT_FOUND', `${place}: there is no file '${file}' in ${root}`, { file });
      const before = named.get(file);
      if (before)
        throw new KdError('INVALID_DATA', `${place}: '${file}' is named a second time, first in ${before}`, { file });
      named.set(file, place);
      rows.push({ file, values: others, place });
    }
  }
  return rows;
}

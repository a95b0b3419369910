import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ByteWriter, type ColumnSource, parquetWrite, type SchemaElement } from 'hyparquet-writer';

/** Path of a file made by `fixtures/make_tables.py`. */
export function tablePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/tables/${name}`, import.meta.url));
}

interface Expected {
  classNames: string[];
  rows: { path: string; label: number; sha256: string }[];
  imagefolder: { classes: string[]; samples: [string, number][] };
  splits: { paths: string[]; splits: Record<string, string[]> }[];
}

/** What Python found. */
export const expected = JSON.parse(readFileSync(tablePath('expected.json'), 'utf8')) as Expected;

/** The `huggingface` metadata of a set of images and labels. */
function hubMetadata(classNames: readonly string[]): { key: string; value: string } {
  const features = { image: { _type: 'Image' }, label: { names: classNames, _type: 'ClassLabel' } };
  return { key: 'huggingface', value: JSON.stringify({ info: { features } }) };
}

interface TableOptions {
  images: readonly (Uint8Array | null)[];
  labels: readonly (number | null)[];
  paths?: readonly string[];
  /** @default none: no metadata */
  classNames?: readonly string[];
  rowGroupSize?: number;
  /** @default the writer's, 1 MB */
  pageSize?: number;
}

/** A Parquet file with a struct `image` of bytes and path, and a column `label`. */
export function parquetBytes({
  images,
  labels,
  paths,
  classNames,
  rowGroupSize = 1000,
  pageSize = 2 ** 20,
}: TableOptions): Uint8Array {
  const writer = new ByteWriter();
  const rows = images.map((bytes, row) => ({ bytes, path: paths?.[row] ?? `${row}.jpg` }));
  const schema: SchemaElement[] = [
    { name: 'root', num_children: 2 },
    { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
    { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
    { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
  ];
  const columnData: ColumnSource[] = [
    { name: 'image', data: rows },
    { name: 'label', data: labels.map((label) => (label === null ? null : BigInt(label))) },
  ];
  void parquetWrite({
    writer,
    columnData,
    schema,
    rowGroupSize,
    pageSize,
    codec: 'UNCOMPRESSED',
    ...(classNames && { kvMetadata: [hubMetadata(classNames)] }),
  });
  return writer.getBytes();
}

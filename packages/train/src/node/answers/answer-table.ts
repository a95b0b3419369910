import { KdError } from '@kd/core';
import type { Data, DataType, Vector } from 'apache-arrow';
import type { AnswerColumn, AnswerColumnType, AnswerTable } from '../../teachers/answer-folder.ts';

// 170 ms to import, and a run without a cache folder has no use for it.
const arrow = () => import('apache-arrow');

/** Of a column's field: what its rows stand for. */
const SHAPE = 'shape';

/**
 * Answers as an Arrow IPC file with the columns `id` (uint32 or utf8), `view` (uint32) and `logits`, `indices`, `rest` and
 * `feature/<tap>` as there are (fixed-size lists of float32, float16, uint16 or uint32): what pyarrow, pandas and polars read
 * as it is.
 */
export async function encodeTable({ ids, views, columns }: AnswerTable): Promise<Uint8Array> {
  const { Field, FixedSizeList, Float16, Float32, Schema, Struct, Table, Uint16, Uint32, Utf8, ...make } =
    await arrow();
  const types = {
    float32: () => new Float32(),
    float16: () => new Float16(),
    uint16: () => new Uint16(),
    uint32: () => new Uint32(),
  };
  const numeric = ids.every((id) => typeof id === 'number');
  const names = numeric
    ? make.makeData({ type: new Uint32(), data: Uint32Array.from(ids as number[]) })
    : make.vectorFromArray(ids.map(String), new Utf8()).data[0]!;
  const fields = [
    new Field('id', numeric ? new Uint32() : new Utf8(), false),
    new Field('view', new Uint32(), false),
  ] as InstanceType<typeof Field>[];
  const children: Data[] = [names, make.makeData({ type: new Uint32(), data: views })];
  for (const [name, { type, width, shape, data }] of Object.entries(columns)) {
    const item = types[type]();
    const list = new FixedSizeList(width, new Field('item', item, false) as never);
    fields.push(new Field(name, list, false, new Map([[SHAPE, JSON.stringify(shape)]])));
    const values = make.makeData({ type: item, data } as never) as Data;
    children.push(new make.Data(list as DataType, 0, ids.length, 0, undefined, [values]));
  }
  const schema = new Schema(fields as never);
  const struct = make.makeData({ type: new Struct(fields as never), length: ids.length, nullCount: 0, children });
  return make.tableToIPC(new Table(schema, new make.RecordBatch(schema, struct as never)), 'file');
}

/**
 * Answers of such a file.
 *
 * @throws {KdError} INVALID_DATA if a column is missing or of another type
 */
export async function decodeTable(name: string, bytes: Uint8Array): Promise<AnswerTable> {
  const { DataType, tableFromIPC } = await arrow();
  const table = tableFromIPC(bytes);
  const refuse = (problem: string): never => {
    throw new KdError('INVALID_DATA', `${name}: ${problem}`, { name, columns: table.schema.names });
  };
  const column = (which: string): Vector =>
    table.getChild(which) ?? refuse(`has no column '${which}', it has ${table.schema.names.join(', ')}`);
  const typeOf = (type: DataType): AnswerColumnType | undefined => {
    if (DataType.isFloat(type)) return type.precision === 2 ? undefined : type.precision === 1 ? 'float32' : 'float16';
    if (DataType.isInt(type) && !type.isSigned) return type.bitWidth === 16 ? 'uint16' : 'uint32';
    return undefined;
  };
  const lists = table.schema.fields.flatMap(({ name: field, type, metadata }): [string, AnswerColumn][] => {
    if (!DataType.isFixedSizeList(type)) return [];
    const itemType = typeOf(type.children[0]!.type) ?? refuse(`column '${field}' holds ${type}`);
    const width = type.listSize;
    const chunks = column(field).data;
    const length = table.numRows * width;
    const values = chunks[0]?.children[0]?.values as AnswerColumn['data'] | undefined;
    if (!values || chunks.length > 1 || values.length < length) return refuse(`column '${field}' is not in one part`);
    const shape = JSON.parse(metadata.get(SHAPE) ?? `[${width}]`) as number[];
    return [[field, { type: itemType, width, shape, data: values.subarray(0, length) }]]; // without the padding
  });
  const columns = Object.fromEntries(lists);
  const ids = Array.from({ length: table.numRows }, (_, row) => column('id').get(row) as number | string);
  if (!columns.logits) refuse(`has no column 'logits' of lists, it has ${table.schema.names.join(', ')}`);
  return { ids, views: Uint32Array.from(column('view').toArray() as Uint32Array), columns };
}

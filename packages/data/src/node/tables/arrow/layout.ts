import { KdError } from '@kd/core';
import type { LeafKind } from '../table-file.ts';
import type { FlatTable } from './flat-table.ts';

/** Where a field of the schema is among the nodes and buffers of a record batch. */
export interface ArrowLeaf {
  kind: LeafKind;
  /** Its own node, and those of the structs around it. */
  nodes: number[];
  /** The validity bitmaps of the same fields. */
  validities: number[];
  /** Its first buffer after the validity: values, or offsets, which values follow. */
  buffer: number;
  /** Bits of a value or of an offset. */
  bits: 8 | 16 | 32 | 64;
  signed: boolean;
}

const NULL = 1;
const INT = 2;
const BINARY = 4;
const UTF8 = 5;
const STRUCT = 13;
const LARGE_BINARY = 19;
const LARGE_UTF8 = 20;

/** Number of buffers by the number of a type in Schema.fbs; types that are not here cannot be stepped over. */
const BUFFERS: Readonly<Record<number, number>> = {
  [NULL]: 0,
  [INT]: 2,
  3: 2, // FloatingPoint
  [BINARY]: 3,
  [UTF8]: 3,
  6: 2, // Bool
  7: 2, // Decimal
  8: 2, // Date
  9: 2, // Time
  10: 2, // Timestamp
  11: 2, // Interval
  12: 2, // List
  [STRUCT]: 1,
  15: 2, // FixedSizeBinary
  16: 1, // FixedSizeList
  17: 2, // Map
  18: 2, // Duration
  [LARGE_BINARY]: 3,
  [LARGE_UTF8]: 3,
  21: 2, // LargeList
  22: 0, // RunEndEncoded
  25: 3, // ListView
  26: 3, // LargeListView
};

function leafOf(field: FlatTable, type: number): Pick<ArrowLeaf, 'kind' | 'bits' | 'signed'> {
  if (type === INT) {
    const int = field.table(3);
    const bits = int?.int(0, 32, 0) as ArrowLeaf['bits'];
    return { kind: [8, 16, 32, 64].includes(bits) ? 'integer' : 'other', bits, signed: int?.int(1, 8, 0) === 1 };
  }
  const kind =
    type === BINARY || type === LARGE_BINARY ? 'bytes' : type === UTF8 || type === LARGE_UTF8 ? 'text' : 'other';
  return { kind, bits: type === LARGE_BINARY || type === LARGE_UTF8 ? 64 : 32, signed: true };
}

/** Every leaf that has one value a row, by its path, and how many nodes and buffers a batch of this schema has. */
export function arrowLayout(schema: FlatTable): { leaves: Map<string, ArrowLeaf>; nodes: number; buffers: number } {
  if (schema.int(0, 16, 0) !== 0)
    throw new KdError('UNSUPPORTED', 'is big-endian; write it on a little-endian machine');
  const leaves = new Map<string, ArrowLeaf>();
  let [nodes, buffers] = [0, 0];
  const visit = (
    field: FlatTable,
    above: { path: string[]; nodes: number[]; validities: number[] } | undefined,
  ): void => {
    const type = field.int(2, 8, 0);
    const name = field.text(0) ?? '';
    const isDictionary = field.table(4) !== undefined;
    const count = isDictionary ? 2 : BUFFERS[type];
    if (count === undefined) throw new KdError('UNSUPPORTED', `has a column '${name}' of Arrow's type ${type}`);
    const here = above && {
      path: [...above.path, name],
      nodes: [...above.nodes, nodes],
      validities: [...above.validities, buffers],
    };
    const first = buffers;
    nodes += 1;
    buffers += count;
    if (here && type !== STRUCT) {
      const leaf = isDictionary ? { kind: 'other' as const, bits: 32 as const, signed: true } : leafOf(field, type);
      leaves.set(here.path.join('.'), { ...leaf, nodes: here.nodes, validities: here.validities, buffer: first + 1 });
    }
    if (isDictionary) return; // its children are those of the dictionary's values
    for (const child of field.tables(5)) visit(child, type === STRUCT ? here : undefined);
  };
  for (const field of schema.tables(1)) visit(field, { path: [], nodes: [], validities: [] });
  return { leaves, nodes, buffers };
}

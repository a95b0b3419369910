/**
 * A table of a FlatBuffer: Arrow's headers are written so. Every offset and count is compared with the bytes that are
 * there, so that a damaged header ends in an error instead of a loop over what it claims.
 *
 * Fields are known by their number in Arrow's schema files (Message.fbs, Schema.fbs); one that is absent has its default.
 */
export interface FlatTable {
  int(field: number, bits: 8 | 16 | 32, fallback: number): number;
  long(field: number): number;
  text(field: number): string | undefined;
  table(field: number): FlatTable | undefined;
  tables(field: number): FlatTable[];
  /** Pairs of int64, which is how Arrow lists buffers (offset, length) and nodes (length, nulls). */
  pairs(field: number): [number, number][];
}

class Damaged extends Error {}

/** The root table of a FlatBuffer. */
export function flatRoot(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const inside = (at: number, length: number): number => {
    if (at >= 0 && length >= 0 && at + length <= bytes.length) return at;
    throw new Damaged(`header points to bytes ${at} to ${at + length} of ${bytes.length}`);
  };
  const uint32 = (at: number): number => view.getUint32(inside(at, 4), true);
  const long = (at: number): number => {
    const value = Number(view.getBigInt64(inside(at, 8), true));
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new Damaged(`header has the length ${value}`);
  };

  function tableAt(start: number, depth: number): FlatTable {
    if (depth > 64) throw new Damaged('header is nested too deep');
    const fields = start - view.getInt32(inside(start, 4), true);
    const fieldsLength = view.getUint16(inside(fields, 2), true);
    const place = (field: number): number | undefined => {
      const at = 4 + 2 * field;
      if (at + 2 > fieldsLength) return undefined;
      const offset = view.getUint16(inside(fields + at, 2), true);
      return offset === 0 ? undefined : start + offset;
    };
    const target = (at: number): number => at + uint32(at);
    /** Where a vector's elements start, and how many there are. */
    const vector = (field: number, size: number): [number, number] => {
      const at = place(field);
      if (at === undefined) return [0, 0];
      const from = target(at);
      const count = uint32(from);
      return [inside(from + 4, count * size), count];
    };
    const read = { 8: 'getInt8', 16: 'getInt16', 32: 'getInt32' } as const;
    return {
      int: (field, bits, fallback) => {
        const at = place(field);
        return at === undefined ? fallback : view[read[bits]](inside(at, bits / 8), true);
      },
      long: (field) => {
        const at = place(field);
        return at === undefined ? 0 : long(at);
      },
      text: (field) => {
        if (place(field) === undefined) return undefined;
        const [from, count] = vector(field, 1);
        return new TextDecoder().decode(bytes.subarray(from, from + count));
      },
      table: (field) => {
        const at = place(field);
        return at === undefined ? undefined : tableAt(target(at), depth + 1);
      },
      tables: (field) => {
        const [from, count] = vector(field, 4);
        return Array.from({ length: count }, (_, i) => tableAt(target(from + 4 * i), depth + 1));
      },
      pairs: (field) => {
        const [from, count] = vector(field, 16);
        return Array.from({ length: count }, (_, i) => [long(from + 16 * i), long(from + 16 * i + 8)]);
      },
    };
  }
  return tableAt(uint32(0), 0);
}

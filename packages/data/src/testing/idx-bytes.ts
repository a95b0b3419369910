/** An IDX file of unsigned bytes that holds 0, 1, 2, … modulo 251, or the values given. */
export function idxBytes(shape: readonly number[], values?: ArrayLike<number>): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const bytes = new Uint8Array(4 + 4 * shape.length + count);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  bytes.set(
    Uint8Array.from({ length: count }, (_, i) => values?.[i] ?? i % 251),
    4 + 4 * shape.length,
  );
  return bytes;
}

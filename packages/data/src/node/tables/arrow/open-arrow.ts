import { parseFeatures } from '../../../formats/hf-features.ts';
import { inFile } from '../in-file.ts';
import { reopenedFile } from '../reopened-file.ts';
import type { TableFile } from '../table-file.ts';
import { type ArrowLeaf, arrowLayout } from './layout.ts';
import { arrowMessages, type RecordBatchPlace } from './messages.ts';

function integers(bytes: Uint8Array, { bits, signed }: ArrowLeaf): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bits / 8;
  const read = (at: number): number => {
    if (bits === 64) return Number(signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true));
    if (bits === 32) return signed ? view.getInt32(at, true) : view.getUint32(at, true);
    if (bits === 16) return signed ? view.getInt16(at, true) : view.getUint16(at, true);
    return signed ? view.getInt8(at) : view.getUint8(at);
  };
  return Array.from({ length: bytes.length / size }, (_, i) => read(i * size));
}

/**
 * Opens an Arrow IPC file or stream, such as one of the `datasets` cache or of `save_to_disk`: its headers now, values by
 * range when they are needed.
 *
 * @throws {KdError} NOT_FOUND if there is no such file; INVALID_DATA if it is not an Arrow file, cut or damaged;
 *   UNSUPPORTED for compressed batches
 */
export async function openArrow(caller: string, path: string): Promise<TableFile> {
  const file = await reopenedFile(caller, path);
  const where = `${caller}: ${path}`;
  const { batches, layout, features } = await inFile(where, async () => {
    const { schema, batches } = await arrowMessages(file);
    const layout = arrowLayout(schema);
    const entry = schema.tables(2).find((each) => each.text(0) === 'huggingface');
    return { batches, layout, features: parseFeatures(where, entry?.text(1)) };
  });
  await inFile(where, () => {
    for (const { rows, nodes, buffers } of batches) {
      if (nodes.length !== layout.nodes || buffers.length !== layout.buffers || rows > file.size) {
        throw new Error(
          `has a batch of ${rows} rows, ${nodes.length} nodes and ${buffers.length} buffers, ` +
            `where its schema has ${layout.nodes} and ${layout.buffers}`,
        );
      }
    }
  });
  const ends: number[] = [];
  for (const { rows } of batches) ends.push((ends.at(-1) ?? 0) + rows);

  /** `length` bytes at `offset` of a buffer. */
  async function read(batch: RecordBatchPlace, buffer: number, offset: number, length: number): Promise<Uint8Array> {
    const [start, size] = batch.buffers[buffer]!;
    if (offset < 0 || length < 0 || offset + length > size) {
      throw new Error(`points to bytes ${offset} to ${offset + length} of a buffer of ${size}`);
    }
    return file.read(start + offset, length);
  }

  /** True for rows `from` to `from + count - 1` that have a value, as have all structs around it. */
  async function present(batch: RecordBatchPlace, leaf: ArrowLeaf, from: number, count: number): Promise<boolean[]> {
    const valid = new Array<boolean>(count).fill(true);
    for (const [depth, node] of leaf.nodes.entries()) {
      const [length, nulls] = batch.nodes[node]!;
      if (length !== batch.rows) throw new Error(`has ${length} values in a batch of ${batch.rows} rows`);
      if (nulls === 0) continue;
      const first = Math.floor(from / 8);
      const bits = await read(batch, leaf.validities[depth]!, first, Math.ceil((from + count) / 8) - first);
      for (let i = 0; i < count; i++) {
        const at = from + i - 8 * first;
        if (((bits[at >> 3]! >> (at & 7)) & 1) === 0) valid[i] = false;
      }
    }
    return valid;
  }

  async function offsets(batch: RecordBatchPlace, leaf: ArrowLeaf, from: number, count: number): Promise<number[]> {
    const size = leaf.bits / 8;
    const values = integers(await read(batch, leaf.buffer, from * size, (count + 1) * size), leaf);
    values.forEach((value, i) => {
      if (value < (values[i - 1] ?? 0)) throw new Error(`has offsets that go back, at row ${from + i}`);
    });
    return values;
  }

  async function values(batch: RecordBatchPlace, leaf: ArrowLeaf): Promise<(number | string | null)[]> {
    const { rows } = batch;
    if (rows === 0) return [];
    const valid = await present(batch, leaf, 0, rows);
    if (leaf.kind === 'integer') {
      const all = integers(await read(batch, leaf.buffer, 0, (rows * leaf.bits) / 8), leaf);
      return all.map((value, row) => (valid[row] ? value : null));
    }
    const places = await offsets(batch, leaf, 0, rows);
    const [first, last] = [places[0]!, places[rows]!];
    const text = await read(batch, leaf.buffer + 1, first, last - first);
    const decoder = new TextDecoder();
    return Array.from({ length: rows }, (_, row) =>
      valid[row] ? decoder.decode(text.subarray(places[row]! - first, places[row + 1]! - first)) : null,
    );
  }

  return {
    path,
    rows: ends.at(-1) ?? 0,
    leaves: new Map([...layout.leaves].map(([name, { kind }]) => [name, kind])),
    features,
    column: (name) =>
      inFile(where, async () => {
        const all: (number | string | null)[] = [];
        for (const batch of batches) for (const value of await values(batch, layout.leaves.get(name)!)) all.push(value);
        return all;
      }),
    bytes: (name, row) =>
      inFile(where, async () => {
        const index = ends.findIndex((end) => row < end);
        const [batch, leaf] = [batches[index]!, layout.leaves.get(name)!];
        const rowInBatch = row - (ends[index - 1] ?? 0);
        const [valid] = await present(batch, leaf, rowInBatch, 1);
        if (!valid) return null;
        const [from, to] = await offsets(batch, leaf, rowInBatch, 1);
        return read(batch, leaf.buffer + 1, from!, to! - from!);
      }),
  };
}

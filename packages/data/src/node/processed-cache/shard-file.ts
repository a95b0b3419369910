/** A shard of the cache: an Arrow IPC file of one record batch, `id`, `label` and `image`. */
export interface Shard {
  bytes: Uint8Array;
  /** Where in the file the pixels begin, one image after the other. */
  pixels: number;
}

export interface ShardRows {
  ids: readonly string[];
  labels: readonly (number | undefined)[];
  /** uint8, rows × size. */
  pixels: Uint8Array;
  /** Of each image. */
  shape: readonly [number, number, number];
}

/** Any Arrow library reads it: `image` is fixed-size binary, row-major, its shape is in the schema's metadata. */
export async function encodeShard({ ids, labels, pixels, shape }: ShardRows): Promise<Shard> {
  const arrow = await import('apache-arrow');
  const size = shape[0] * shape[1] * shape[2];
  const rows = ids.length;
  const image = arrow.makeData({ type: new arrow.FixedSizeBinary(size), length: rows, data: pixels, nullCount: 0 });
  const columns = {
    id: arrow.vectorFromArray([...ids], new arrow.Utf8()),
    label: arrow.vectorFromArray(
      labels.map((label) => label ?? null),
      new arrow.Int32(),
    ),
    image: arrow.makeVector(image),
  };
  const table = new arrow.Table(columns);
  const schema = new arrow.Schema(table.schema.fields, new Map([['shape', JSON.stringify(shape)]]));
  const bytes = arrow.tableToIPC(new arrow.Table(schema, table.batches), 'file');
  // Reading back copies nothing: what it gives lies in the file.
  const read = arrow.tableFromIPC(bytes).getChild('image')!.data[0]!.values as Uint8Array;
  return { bytes, pixels: read.byteOffset - bytes.byteOffset };
}

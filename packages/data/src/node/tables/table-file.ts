import type { Feature } from '../../formats/hf-features.ts';

/** What a leaf of a table holds, as far as images need it. */
export type LeafKind = 'bytes' | 'text' | 'integer' | 'other';

/** A file of rows and columns, of whatever format. Reading one row of a column reads no other column. */
export interface TableFile {
  /** For messages. */
  readonly path: string;
  readonly rows: number;
  /** Kind of each leaf by its path, such as `image.bytes`, in the file's order. */
  readonly leaves: ReadonlyMap<string, LeafKind>;
  /** What `datasets` says about the columns, by name. */
  readonly features: Readonly<Record<string, Feature>>;
  /** All values of a leaf of numbers or text; `null` where there is none. */
  column(leaf: string): Promise<(number | string | null)[]>;
  /** One value of a leaf of bytes: an array of its own. */
  bytes(leaf: string, row: number): Promise<Uint8Array | null>;
}

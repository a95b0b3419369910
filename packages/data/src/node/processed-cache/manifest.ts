import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Changes whenever caches of before can no longer be read, or would be made with other pixels. */
export const FORMAT = 'kd processed images 1';

export const MANIFEST = 'manifest.json';

interface ShardEntry {
  file: string;
  rows: number;
  bytes: number;
  sha256: string;
  /** Where the pixels begin. */
  pixels: number;
}

/** What is in a cache folder. */
export interface Manifest {
  format: typeof FORMAT;
  /** Fingerprint of the encoded images. */
  dataset: string;
  /** Settings of the processor. */
  processor: Readonly<Record<string, unknown>>;
  imageShape: readonly [number, number, number];
  shards: ShardEntry[];
  /** Samples that could not be read, and why. */
  skipped: { index: number; id: string; message: string }[];
}

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** A manifest as it is written: with a checksum of its own in the first line. */
export function manifestText(manifest: Manifest): string {
  const body = JSON.stringify(manifest);
  return `${JSON.stringify({ sha256: sha256(body) })}\n${body}\n`;
}

/**
 * The manifest of a cache folder whose files are whole; why there is none, if there is none; undefined if there is nothing.
 *
 * @param checksums whether to read all files, or to look at their sizes only
 */
export async function readManifest(
  folder: string,
  checksums: boolean,
): Promise<{ manifest: Manifest } | { broken: string } | undefined> {
  if (!(await exists(folder))) return undefined;
  try {
    const [head = '', body = ''] = (await readFile(join(folder, MANIFEST), 'utf8')).split('\n');
    if (JSON.parse(head).sha256 !== sha256(body)) return { broken: `${MANIFEST} is damaged` };
    const manifest = JSON.parse(body) as Manifest;
    for (const { file, bytes, sha256: expected } of manifest.shards) {
      const path = join(folder, file);
      const { size } = await stat(path);
      if (size !== bytes) return { broken: `${file} has ${size} bytes in place of ${bytes}` };
      if (checksums && (await sha256OfFile(path)) !== expected) return { broken: `${file} is damaged` };
    }
    return { manifest };
  } catch (error) {
    return { broken: (error as Error).message };
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

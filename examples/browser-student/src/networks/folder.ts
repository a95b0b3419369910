import { type ByteSource, KdError } from '@kd/core';

/** The files of a folder by their paths in it, whether they lie on the page's server or on the visitor's disk. */
export type Folder = ReadonlyMap<string, () => Promise<Blob>>;

/** A folder of a folder; '' is the folder itself. */
export function subfolder(folder: Folder, name: string): Folder {
  if (name === '') return folder;
  const prefix = `${name}/`;
  return new Map(
    [...folder].flatMap(([path, file]) => (path.startsWith(prefix) ? [[path.slice(prefix.length), file]] : [])),
  );
}

export async function readFile(folder: Folder, name: string): Promise<Blob> {
  const file = folder.get(name);
  if (file) return file();
  throw new KdError('NOT_FOUND', `readFile: the folder has no ${name}`, { name });
}

export async function readJson(folder: Folder, name: string): Promise<Record<string, unknown>> {
  const text = await (await readFile(folder, name)).text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new KdError('INVALID_DATA', `readJson: ${name} is not JSON`, { name }, { cause });
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new KdError('INVALID_DATA', `readJson: ${name} is no object`, { name });
}

/** A file as what the readers of `@kd/core` take: each tensor is read when it is asked for. */
export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TENSORFLOW_VERSION, type TensorflowKind, TFJS_NODE } from './recipe.ts';

/** What `installTensorflow` leaves behind, written last: a folder with it is whole. */
export interface TensorflowManifest {
  kind: TensorflowKind;
  tensorflow: string;
  tfjsNode: string;
  /** On disk, in bytes. */
  bytes: number;
  /** ISO 8601. */
  installed: string;
}

export interface InstalledTensorflow extends TensorflowManifest {
  folder: string;
}

export const MANIFEST = 'manifest.json';

/** Where builds live, for all projects of this user: `KD_CACHE_DIR`, else `kd` in the system's cache folder. */
export function tensorflowCache(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env.KD_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kd');
  return join(cache, 'tensorflow');
}

/** Another version of anything that is built in is another folder. */
export function tensorflowFolder(kind: TensorflowKind, cache: string = tensorflowCache()): string {
  return join(cache, `${kind}-${TENSORFLOW_VERSION}-tfjs-${TFJS_NODE.version}-${process.platform}-${process.arch}`);
}

/** @returns the build of this kind, if there is a whole one */
export function findTensorflow(
  kind: TensorflowKind,
  cache: string = tensorflowCache(),
): InstalledTensorflow | undefined {
  const folder = tensorflowFolder(kind, cache);
  const manifest = join(folder, MANIFEST);
  if (!existsSync(manifest)) return undefined;
  return { folder, ...(JSON.parse(readFileSync(manifest, 'utf8')) as TensorflowManifest) };
}

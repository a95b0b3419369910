import { createHash } from 'node:crypto';
import { access, mkdir } from 'node:fs/promises';
import { cpus, homedir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '@kd/core/node';
import type { OnnxRuntime } from './runtime.ts';

export interface CheckedGraphsOptions {
  /**
   * Where it is noted which blocked graphs were compared with the portable one on this machine; false: nowhere.
   * @default `KD_CACHE_DIR`, else `kd` in the system's cache folder
   */
  cacheDir?: string | false;
}

/** For all projects of this user. */
function cacheOf(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.KD_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kd'), 'onnx');
}

/** An empty file, whose name says which graph, which ONNX Runtime and which processor. */
function noteOf(folder: string, { version }: OnnxRuntime, bytes: Uint8Array): string {
  const machine = [version, process.platform, process.arch, cpus()[0]?.model ?? ''].join('\n');
  return join(folder, `${createHash('sha256').update(machine).update('\n').update(bytes).digest('hex')}.checked`);
}

/** Whether a graph was compared with the portable one on this machine before, and found right. */
export async function wasChecked(
  runtime: OnnxRuntime,
  bytes: Uint8Array,
  { cacheDir = cacheOf() }: CheckedGraphsOptions,
): Promise<boolean> {
  if (cacheDir === false) return false;
  return access(noteOf(cacheDir, runtime, bytes)).then(
    () => true,
    () => false,
  );
}

/** Notes that it was; where nothing can be written, it is compared again next time. */
export async function markChecked(
  runtime: OnnxRuntime,
  bytes: Uint8Array,
  { cacheDir = cacheOf() }: CheckedGraphsOptions,
): Promise<void> {
  if (cacheDir === false) return;
  await mkdir(cacheDir, { recursive: true })
    .then(() => writeFileAtomic(noteOf(cacheDir, runtime, bytes), ''))
    .catch(() => {});
}

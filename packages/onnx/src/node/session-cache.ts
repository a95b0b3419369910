import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '@kd/core/node';
import type { InferenceSession } from 'onnxruntime-node';
import { type SessionSettings, sessionOptions } from './open-session.ts';
import type { OnnxRuntime } from './runtime.ts';

/** Where optimised graphs are kept, for all projects of this user: `KD_CACHE_DIR`, else `kd` in the system's cache folder. */
function graphCache(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.KD_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kd'), 'onnx');
}

const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Optimised graphs have what suits the processor in them. */
function keyOf({ version }: OnnxRuntime, bytes: Uint8Array): string {
  const machine = [version, process.platform, process.arch, cpus()[0]?.model ?? ''].join('\n');
  return sha256(machine, '\n', bytes).toString('hex');
}

const DIGEST = 32; // bytes of SHA-256 before the graph in a file of the cache
const KEPT = 30 * 24 * 3600 * 1000; // ms since the last use
/** What this module names its files: a folder that was given as `cacheDir` may have others in it. */
const OURS = /^([0-9a-f]{64}\.|\.[0-9a-f-]{36}$)/;

/** The optimised graph, if the cache has it whole. */
async function load(file: string): Promise<Uint8Array | undefined> {
  const content = await readFile(file).catch(() => undefined);
  if (!content || content.length <= DIGEST) return undefined;
  const graph = content.subarray(DIGEST);
  if (!sha256(graph).equals(content.subarray(0, DIGEST))) return undefined;
  await utimes(file, new Date(), new Date()).catch(() => {});
  return graph;
}

export interface CacheSettings {
  /** false: none. @default the user's */
  cacheDir?: string | false;
}

/** Whether a graph was compared with the portable one on this machine before, and found right. */
export async function wasChecked(runtime: OnnxRuntime, bytes: Uint8Array, settings: CacheSettings): Promise<boolean> {
  const { cacheDir = graphCache() } = settings;
  if (cacheDir === false) return false;
  return (await readFile(checkedFile(cacheDir, runtime, bytes)).catch(() => undefined)) !== undefined;
}

/** Notes that it was. */
export async function markChecked(runtime: OnnxRuntime, bytes: Uint8Array, settings: CacheSettings): Promise<void> {
  const { cacheDir = graphCache() } = settings;
  if (cacheDir !== false) await writeFileAtomic(checkedFile(cacheDir, runtime, bytes), '').catch(() => {});
}

const checkedFile = (cacheDir: string, runtime: OnnxRuntime, bytes: Uint8Array): string =>
  join(cacheDir, `${keyOf(runtime, bytes)}.checked`);

/**
 * Opens a session for a graph; ONNX Runtime's optimisation of it is kept in the cache and not repeated. What is damaged
 * there is made anew; a folder that cannot be written to costs only time.
 */
export async function openCached(
  runtime: OnnxRuntime,
  bytes: Uint8Array,
  { cacheDir = graphCache(), ...settings }: SessionSettings & CacheSettings,
): Promise<InferenceSession> {
  const { ort } = runtime;
  const options = sessionOptions(settings);
  if (cacheDir === false) return ort.InferenceSession.create(bytes, options);
  const file = join(cacheDir, `${keyOf(runtime, bytes)}.onnx`);
  const optimized = await load(file);
  if (optimized) {
    const session = await ort.InferenceSession.create(optimized, {
      ...options,
      graphOptimizationLevel: 'disabled',
    }).catch(() => undefined);
    if (session) return session;
  }
  const aside = join(cacheDir, `.${randomUUID()}`);
  const isWritable = await mkdir(cacheDir, { recursive: true }).then(
    () => true,
    () => false,
  );
  if (!isWritable) return ort.InferenceSession.create(bytes, options);
  try {
    const session = await ort.InferenceSession.create(bytes, { ...options, optimizedModelFilePath: aside });
    await keep(aside, file);
    return session;
  } catch {
    return await ort.InferenceSession.create(bytes, options); // no room, no right to write: or the graph is at fault
  } finally {
    await rm(aside, { force: true });
  }
}

/** Two processes may do so at once: whichever is last leaves a whole file. What was not used for long makes room. */
async function keep(aside: string, file: string): Promise<void> {
  try {
    const graph = await readFile(aside);
    await writeFileAtomic(file, Buffer.concat([sha256(graph), graph]));
    const folder = dirname(file);
    for (const name of await readdir(folder)) {
      if (!OURS.test(name)) continue;
      const path = join(folder, name);
      if ((await stat(path)).mtimeMs < Date.now() - KEPT) await rm(path, { force: true });
    }
  } catch {
    // A full disk, a folder that is gone: the session is there all the same.
  }
}

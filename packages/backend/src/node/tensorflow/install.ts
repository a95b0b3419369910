import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backendError } from '../../errors.ts';
import {
  findTensorflow,
  type InstalledTensorflow,
  MANIFEST,
  type TensorflowManifest,
  tensorflowCache,
  tensorflowFolder,
} from './cache.ts';
import { ADDON, TFJS_SHIM } from './load.ts';
import {
  NODE_HEADERS,
  type NpmPackage,
  PROTOBUF,
  PYTHON_TAG,
  RECIPES,
  type Recipe,
  TENSORFLOW_VERSION,
  type TensorflowKind,
  TFJS_NODE,
} from './recipe.ts';
import { findTools, run, type Tools } from './tools.ts';
import { unpackWheels } from './unpack.ts';

export interface InstallOptions {
  /** The build that uses an NVIDIA GPU: CUDA 12.2, brought along; needs a driver of version 525 or newer. @default 'cpu' */
  kind?: TensorflowKind;
  /** Told each step, in a line. */
  log?: (line: string) => void;
  /** Lets pip draw its progress bar. @default false */
  showProgress?: boolean;
  /** Where to keep it. @default `KD_CACHE_DIR`, else the user's cache folder */
  cache?: string;
}

function checkPlatform(): void {
  const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;
  if (process.platform === 'linux' && process.arch === 'x64' && glibcVersionRuntime) return;
  const here = `${process.platform} ${process.arch}${process.platform === 'linux' ? ' without glibc' : ''}`;
  throw backendError(
    `install-tensorflow: builds on Linux x64 with glibc only, this is ${here}; try npm install @tensorflow/tfjs-node, or stay with WebAssembly`,
    'UNSUPPORTED',
  );
}

function checkSpace(folder: string, { space }: Recipe): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= space) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw backendError(
    `install-tensorflow: needs ${gigabytes(space)} in ${folder}, where ${gigabytes(bavail * bsize)} are free; make room, or name another folder with KD_CACHE_DIR`,
    'FAILED',
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Folders that installations work in are named by their process, so that what a killed one left can be told. */
function stagingPrefix(target: string): string {
  return `.${basename(target)}.${hostname()}.`;
}

/** Deletes what killed installations left. @returns processes of this machine that install the same at this moment */
function clearStaging(target: string): number[] {
  const prefix = stagingPrefix(target);
  const left = readdirSync(dirname(target)).filter((name) => name.startsWith(prefix));
  return left.flatMap((name) => {
    const pid = Number(name.slice(prefix.length));
    if (pid !== process.pid && isRunning(pid)) return [pid];
    rmSync(join(dirname(target), name), { recursive: true, force: true });
    return [];
  });
}

async function unpackNpm({ name, version, sha512 }: NpmPackage, into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  const args = ['pack', `${name}@${version}`, '--pack-destination', into, '--loglevel=error'];
  await run(`downloading ${name} ${version}`, 'npm', args);
  const [tarball] = readdirSync(into);
  const file = join(into, tarball!);
  const hash = createHash('sha512').update(readFileSync(file)).digest('base64');
  if (hash !== sha512) {
    throw backendError(`install-tensorflow: ${tarball} has the sha512 ${hash} instead of ${sha512}`, 'CORRUPT');
  }
  await run(`unpacking ${tarball}`, 'tar', ['-xzf', file, '-C', into, '--strip-components=1']);
  rmSync(file);
}

async function downloadWheels(python: string, { wheels }: Recipe, into: string, show: boolean): Promise<void> {
  mkdirSync(into);
  const requirements = join(into, 'requirements.txt');
  const lines = wheels.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`);
  writeFileSync(requirements, lines.join(''));
  const platforms = ['manylinux2014_x86_64', 'manylinux_2_17_x86_64', 'manylinux1_x86_64'];
  await run(
    'downloading TensorFlow',
    python,
    [
      ...['-m', 'pip', 'download', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'],
      ...['--implementation', 'cp', '--python-version', PYTHON_TAG],
      ...platforms.flatMap((platform) => ['--platform', platform]),
      ...['--require-hashes', '--requirement', requirements, '--dest', into, ...(show ? [] : ['--quiet'])],
    ],
    { show },
  );
}

/** pip's file names have underscores for the hyphens of the package's name. */
function wheelFiles(folder: string, { wheels }: Recipe): { file: string; sha256: string }[] {
  const files = readdirSync(folder);
  return wheels.map(({ name, version, sha256 }) => {
    const file = files.find((each) => each.startsWith(`${name.replaceAll('-', '_')}-${version}-`));
    if (!file) throw backendError(`install-tensorflow: pip downloaded no ${name} ${version}`, 'FAILED');
    return { file: join(folder, file), sha256 };
  });
}

async function compile({ compiler }: Tools, folder: string): Promise<void> {
  const site = join(folder, 'site', 'tensorflow');
  symlinkSync('libtensorflow_cc.so.2', join(site, 'libtensorflow.so')); // the C API is in there
  symlinkSync('libtensorflow_framework.so.2', join(site, 'libtensorflow_framework.so'));
  const binding = join(folder, 'tfjs-node', 'binding');
  await run('compiling the addon', compiler, [
    ...['-O2', '-std=c++17', '-shared', '-fPIC'],
    ...['-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding', '-DBUILDING_NODE_EXTENSION'],
    `-I${join(folder, 'headers', 'include')}`,
    `-I${join(site, 'include')}`,
    ...[join(binding, 'tfjs_backend.cc'), join(binding, 'tfjs_binding.cc')],
    ...['-o', join(folder, ADDON), `-L${site}`, '-ltensorflow', '-ltensorflow_framework'],
    '-Wl,-rpath,$ORIGIN/site/tensorflow',
  ]);
}

function folderSize(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** In a process of its own: a library that does not suit this processor takes its process down. */
async function check(folder: string): Promise<string> {
  const self = fileURLToPath(import.meta.url);
  const program = join(dirname(self), `check${self.slice(self.lastIndexOf('.'))}`);
  try {
    return (await run('the check', process.execPath, [...process.execArgv, program, folder])).trim();
  } catch (error) {
    const hint = /SIGILL/.test(String(error)) ? ' This processor lacks AVX, which TensorFlow needs.' : '';
    throw backendError(`${(error as Error).message}${hint}`, 'FAILED');
  }
}

async function build(tools: Tools, kind: TensorflowKind, folder: string, options: InstallOptions): Promise<void> {
  const { log = () => {}, showProgress = false } = options;
  const recipe = RECIPES[kind];
  log(`downloads ${TFJS_NODE.name} ${TFJS_NODE.version}`);
  await unpackNpm(TFJS_NODE, join(folder, 'tfjs-node'));
  await unpackNpm(NODE_HEADERS, join(folder, 'headers'));
  await unpackNpm(PROTOBUF, join(folder, 'node_modules', PROTOBUF.name));
  log(`downloads TensorFlow ${TENSORFLOW_VERSION} (${recipe.wheels.map(({ name }) => name).join(', ')})`);
  const wheels = join(folder, 'wheels');
  await downloadWheels(tools.python, recipe, wheels, showProgress);
  log('checks the hashes and unpacks');
  await unpackWheels(tools.python, wheelFiles(wheels, recipe), join(folder, 'site'));
  log(`compiles the addon with ${tools.compiler}`);
  await compile(tools, folder);
  for (const name of [
    'wheels',
    'headers',
    join('tfjs-node', 'binding'),
    join('tfjs-node', 'src'),
    join('site', 'tensorflow', 'include'),
  ]) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  for (const name of ['tfjs', 'tfjs-core']) {
    const shim = join(folder, 'node_modules', '@tensorflow', name);
    mkdirSync(shim, { recursive: true });
    writeFileSync(join(shim, 'index.js'), TFJS_SHIM);
  }
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  log('checks it by a product and a gradient');
  const version = await check(folder);
  const manifest: TensorflowManifest = {
    kind,
    tensorflow: version,
    tfjsNode: TFJS_NODE.version,
    bytes: folderSize(folder),
    installed: new Date().toISOString(),
  };
  writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/**
 * Builds tfjs-node's addon against the TensorFlow of its Python wheel, where tfjs-node's own download fails or its
 * TensorFlow is too old: into a folder that all projects of the user share, in about 20 seconds. `selectBackend` finds it.
 *
 * Files are verified by hash; the folder appears under its name once it has passed a check, so an installation that was
 * cut leaves nothing that counts.
 *
 * @returns the build, which may have been there already
 * @throws {KdError} UNSUPPORTED on other platforms than Linux x64, NOT_FOUND if a compiler or pip is missing, CORRUPT if a
 *   hash is wrong, FAILED if a step fails
 */
export async function installTensorflow(options: InstallOptions = {}): Promise<InstalledTensorflow> {
  const { kind = 'cpu', cache = tensorflowCache(), log = () => {} } = options;
  checkPlatform();
  const there = findTensorflow(kind, cache);
  if (there) return there;
  const tools = await findTools();
  const target = tensorflowFolder(kind, cache);
  mkdirSync(cache, { recursive: true });
  for (const pid of clearStaging(target)) log(`process ${pid} installs the same; the first to finish wins`);
  checkSpace(cache, RECIPES[kind]);
  const staging = join(cache, `${stagingPrefix(target)}${process.pid}`);
  mkdirSync(staging);
  try {
    await build(tools, kind, staging, options);
    await rename(staging, target).catch((error: NodeJS.ErrnoException) => {
      if (!findTensorflow(kind, cache)) throw error; // else another process was first
    });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return findTensorflow(kind, cache)!;
}

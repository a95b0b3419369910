import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findTensorflow, MANIFEST, tensorflowCache, tensorflowFolder } from './cache.ts';
import { installTensorflow } from './install.ts';
import { removeTensorflow } from './remove.ts';

// What can go wrong before and while it downloads, with stand-ins for the programs. That it builds, and that what it
// builds computes right, is checked by `npm run check:tensorflow`, which downloads 200 MB.

let folder: string;
let cache: string;
const lines: string[] = [];
const install = () => installTensorflow({ cache, log: (line) => lines.push(line) });
const staged = () => readdirSync(cache).filter((name) => name.startsWith('.'));

/** Makes these the only programs there are. */
function programs(scripts: Record<string, string>): void {
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
}

const COMPILER = { 'g++': 'exit 0' };
const PIP = { python3: 'exit 0' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kd tensorflow '));
  cache = join(folder, 'cache');
  mkdirSync(join(folder, 'bin'));
  lines.length = 0;
  vi.stubEnv('PATH', join(folder, 'bin'));
  vi.stubEnv('CXX', undefined);
  vi.stubEnv('PYTHON', undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('installTensorflow', () => {
  it('says which tools are missing, and how to get them', async () => {
    await expect(install()).rejects.toThrow(/a C\+\+ compiler \(Debian, Ubuntu: apt install g\+\+.*Python with pip/);
    programs(COMPILER);
    await expect(install()).rejects.toThrow(/^install-tensorflow: needs Python with pip/);
    programs({ python3: 'echo "No module named pip"; exit 1' });
    await expect(install()).rejects.toThrow(/needs Python with pip.*without it WebAssembly is used/);
  });

  it('says what npm said without a network, and leaves nothing', async () => {
    programs({ ...COMPILER, ...PIP, npm: 'echo "npm error code ENOTFOUND" >&2; exit 1' });
    await expect(install()).rejects.toThrow(
      'install-tensorflow: downloading @tensorflow/tfjs-node 4.22.0 failed (exit code 1):\nnpm error code ENOTFOUND',
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  it('refuses a tarball with another hash', async () => {
    programs({ ...COMPILER, ...PIP, npm: 'echo not it > "$4/tensorflow-tfjs-node-4.22.0.tgz"' });
    await expect(install()).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(
        /^install-tensorflow: tensorflow-tfjs-node-4.22.0.tgz has the sha512 .* instead of uHrX/,
      ),
    });
    expect(readdirSync(cache)).toEqual([]);
  });

  it('clears what a killed installation left, and says so if one is running', async () => {
    const prefix = `.${basename(tensorflowFolder('cpu', cache))}.${hostname()}.`;
    mkdirSync(join(cache, `${prefix}999999999`, 'site'), { recursive: true });
    mkdirSync(join(cache, `${prefix}${process.ppid}`));
    programs({ ...COMPILER, ...PIP, npm: 'exit 1' });
    await expect(install()).rejects.toThrow('downloading');
    expect(staged()).toEqual([`${prefix}${process.ppid}`]);
    expect(lines[0]).toBe(`process ${process.ppid} installs the same; the first to finish wins`);
  });

  it('does nothing where it is installed', async () => {
    const target = tensorflowFolder('cpu', cache);
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, MANIFEST), '{ "kind": "cpu", "tensorflow": "2.15.1", "bytes": 7 }');
    expect(await install()).toMatchObject({ folder: target, tensorflow: '2.15.1' });
    expect(lines).toEqual([]);
  });

  it('takes a folder without a manifest for none', () => {
    mkdirSync(tensorflowFolder('cpu', cache), { recursive: true });
    expect(findTensorflow('cpu', cache)).toBeUndefined();
  });
});

describe('installTensorflow elsewhere', () => {
  const { platform } = process;
  afterEach(() => Object.defineProperty(process, 'platform', { value: platform }));

  it('says what to do on another platform', async () => {
    Object.defineProperty(process, 'platform', { value: 'freebsd' });
    await expect(install()).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('builds on Linux x64 with glibc only, this is freebsd'),
    });
  });
});

describe('removeTensorflow', () => {
  it('deletes a build, once', () => {
    const target = tensorflowFolder('gpu', cache);
    mkdirSync(join(target, 'site'), { recursive: true });
    writeFileSync(join(target, MANIFEST), '{ "kind": "gpu", "bytes": 7 }');
    expect(removeTensorflow('cpu', cache)).toBeUndefined();
    expect(removeTensorflow('gpu', cache)).toMatchObject({ bytes: 7 });
    expect(existsSync(target)).toBe(false);
    expect(removeTensorflow('gpu', cache)).toBeUndefined();
  });
});

it('keeps builds where it is told, else in the cache folder of the user', () => {
  expect(tensorflowCache({ KD_CACHE_DIR: '/big', XDG_CACHE_HOME: '/x' })).toBe(join('/big', 'tensorflow'));
  expect(tensorflowCache({ XDG_CACHE_HOME: '/x' })).toBe(join('/x', 'kd', 'tensorflow'));
  expect(tensorflowCache({})).toMatch(/\.cache.kd.tensorflow$/);
});

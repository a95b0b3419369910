import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { downloadFile } from './download-file.ts';
import { downloadSnapshot } from './download-snapshot.ts';
import { openRepo } from './open-repo.ts';
import type { HubOptions } from './settings.ts';
import { type HubServer, sha256, startHubServer } from './testing/hub-server.ts';

const COMMIT = '1'.repeat(40);
const PULL = '2'.repeat(40);
const config = new TextEncoder().encode('{"model_type":"vit"}');
const weights = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >>> 7);

let hub: HubServer;
let cacheDir: string;
let options: HubOptions;
let folder: string;
beforeEach(async () => {
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN', 'HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE', 'HF_HUB_CACHE']) {
    vi.stubEnv(name, undefined);
  }
  cacheDir = await mkdtemp(join(tmpdir(), 'kd hub '));
  vi.stubEnv('HF_HOME', cacheDir); // no token of whoever runs this
  hub = await startHubServer();
  hub.repos['org/model'] = {
    refs: { main: COMMIT, 'v1.0': COMMIT, 'refs/pr/1': PULL },
    files: {
      [COMMIT]: { 'config.json': config, 'model.safetensors': weights, 'onnx/größe 1.bin': weights },
      [PULL]: { 'config.json': Uint8Array.of(0x7b, 0x7d), 'model.safetensors': weights },
    },
  };
  options = { hubUrl: hub.url, cacheDir };
  folder = join(cacheDir, 'models--org--model');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(cacheDir, { recursive: true });
});

const bytesOf = async (path: string): Promise<Uint8Array> => Uint8Array.from(await readFile(path));
const hashOf = async (path: string): Promise<string> => sha256(await readFile(path)); // quicker than toEqual
const downloads = (): string[] => hub.seen.filter(({ method }) => method === 'GET').map(({ range }) => range ?? 'all');
const partial = (): string => join(folder, 'blobs', `${sha256(weights)}.kd.incomplete`);

describe('openRepo', () => {
  it("fills the cache as Python's huggingface_hub does", async () => {
    const repo = await openRepo('org/model', options);
    expect(repo.commit).toBe(COMMIT);
    expect(await repo.list()).toEqual(['config.json', 'model.safetensors', 'onnx/größe 1.bin']);
    for (const path of await repo.list()) await repo.file(path);

    expect(await readFile(join(folder, 'refs', 'main'), 'utf8')).toBe(COMMIT);
    const git = '686df8026167159e226276702d35c1cd902f5fd0'; // printf '{"model_type":"vit"}' | git hash-object --stdin
    expect((await readdir(join(folder, 'blobs'))).sort()).toEqual([git, sha256(weights)].sort());
    const snapshot = join(folder, 'snapshots', COMMIT);
    expect(repo.folder).toBe(snapshot);
    expect(await readlink(join(snapshot, 'config.json'))).toBe(join('..', '..', 'blobs', git));
    expect(await readlink(join(snapshot, 'onnx', 'größe 1.bin'))).toBe(
      join('..', '..', '..', 'blobs', sha256(weights)),
    );
    expect(await hashOf(join(snapshot, 'onnx', 'größe 1.bin'))).toBe(sha256(weights));
    expect(hub.seen.filter(({ from }) => from === 'cdn')).toHaveLength(1); // equal content comes once
  });

  it('asks for nothing that it has: a commit in the cache needs no network', async () => {
    const path = await downloadFile('org/model', 'config.json', { ...options, revision: COMMIT });
    hub.seen.length = 0;
    expect(await downloadFile('org/model', 'config.json', { ...options, revision: COMMIT })).toBe(path);
    expect(hub.seen).toEqual([]);
    expect(await downloadFile('org/model', 'config.json', options)).toBe(path);
    expect(hub.seen.map(({ url }) => url)).toEqual(['/api/models/org/model/revision/main']);
  });

  it('reads tags and pull requests', async () => {
    const repo = await openRepo('org/model', { ...options, revision: 'refs/pr/1' });
    expect(repo.commit).toBe(PULL);
    expect(await bytesOf(await repo.file('config.json'))).toEqual(Uint8Array.of(0x7b, 0x7d));
    expect(await readFile(join(folder, 'refs', 'refs', 'pr', '1'), 'utf8')).toBe(PULL);
    expect((await openRepo('org/model', { ...options, revision: 'v1.0' })).commit).toBe(COMMIT);
  });

  it('stays at its commit while the branch moves on, and sees the new one when it is opened again', async () => {
    const repo = await openRepo('org/model', options);
    hub.repos['org/model']!.refs.main = PULL;
    expect(await bytesOf(await repo.file('config.json'))).toEqual(config);
    expect((await openRepo('org/model', options)).commit).toBe(PULL);
  });

  it('reads data sets, and repositories under an old name', async () => {
    await downloadFile('org/model', 'config.json', { ...options, type: 'dataset' });
    expect(await readdir(cacheDir)).toContain('datasets--org--model');
    expect(hub.seen.map(({ url }) => url)).toContain(`/datasets/org/model/resolve/${COMMIT}/config.json`);
    expect(await hashOf(await downloadFile('old/name', 'model.safetensors', options))).toBe(sha256(weights));
  });

  it('reads a folder of this machine, without the Hub', async () => {
    const local = join(cacheDir, 'org', 'model');
    await mkdir(join(local, 'sub'), { recursive: true });
    await writeFile(join(local, 'sub', 'a.txt'), 'a');
    const repo = await openRepo(local, options);
    expect([repo.commit, await repo.list()]).toEqual([undefined, ['sub/a.txt']]);
    expect(await repo.file('sub/a.txt')).toBe(join(local, 'sub', 'a.txt'));
    await expect(repo.file('b.txt')).rejects.toThrow(`openRepo: no file 'b.txt' in '${local}'`);
    await expect(repo.file('../model/sub/a.txt')).rejects.toThrow('would leave its folder');
    await expect(openRepo(local, { revision: 'v1' })).rejects.toThrow("has no revision 'v1'");
    expect(hub.seen).toEqual([]);
  });

  it('finds the cache and the Hub in the environment', async () => {
    vi.stubEnv('HF_ENDPOINT', `${hub.url}/`);
    const repo = await openRepo('org/model');
    expect(repo.folder).toBe(join(cacheDir, 'hub', 'models--org--model', 'snapshots', COMMIT));
    vi.stubEnv('HF_HUB_CACHE', join(cacheDir, 'elsewhere'));
    expect((await openRepo('org/model')).folder).toContain(join(cacheDir, 'elsewhere'));
  });
});

describe('downloadSnapshot', () => {
  it('takes the files that are wanted', async () => {
    const place = await downloadSnapshot('org/model', { ...options, include: (path) => !path.startsWith('onnx/') });
    expect((await readdir(place)).sort()).toEqual(['config.json', 'model.safetensors']);
    expect(await downloadSnapshot(place)).toBe(place);
  });
});

describe('a download', () => {
  it('goes on after each cut, and says how far it is', async () => {
    hub.cuts = [100_000, 50_000];
    const loaded: number[] = [];
    const onProgress = (progress: { path: string; loaded: number; total: number | undefined }): void => {
      expect(progress).toMatchObject({ path: 'model.safetensors', total: weights.length });
      loaded.push(progress.loaded);
    };
    const path = await downloadFile('org/model', 'model.safetensors', { ...options, onProgress });
    expect(await hashOf(path)).toBe(sha256(weights));
    const starts = hub.seen.filter(({ from }) => from === 'cdn').map(({ range }) => Number(range?.slice(6, -1) ?? 0));
    expect(starts).toHaveLength(3);
    expect(starts[1]).toBeGreaterThan(0); // up to 100000: some bytes may be on their way at the cut
    expect(starts[2]).toBeGreaterThan(starts[1]!);
    expect(loaded.at(-1)).toBe(weights.length);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  });

  it('goes on in a later process where an earlier one was stopped', async () => {
    hub.stalls = [100_000];
    const stop = new AbortController();
    const onProgress = ({ loaded }: { loaded: number }): void => {
      if (loaded === 100_000) stop.abort(new Error('stopped'));
    };
    const stopped = downloadFile('org/model', 'model.safetensors', { ...options, onProgress, signal: stop.signal });
    await expect(stopped).rejects.toThrow('stopped');
    expect((await stat(partial())).size).toBe(100_000);
    const path = await downloadFile('org/model', 'model.safetensors', options);
    expect(await hashOf(path)).toBe(sha256(weights));
    expect(hub.seen.at(-1)!.range).toBe('bytes=100000-');
    expect((await readdir(join(folder, 'blobs'))).sort()).toEqual([sha256(weights)]);
  });

  it('gives up a connection that has gone silent, and makes another', async () => {
    hub.stalls = [70_000];
    const path = await downloadFile('org/model', 'model.safetensors', { ...options, idleTimeout: 1000 });
    expect(await hashOf(path)).toBe(sha256(weights));
    expect(hub.seen.at(-1)!.range).toBe('bytes=70000-');
  });

  it('asks the Hub for a new link where one has expired', async () => {
    hub.cuts = [100_000];
    const onProgress = (): void => {
      if (hub.refusals.length === 0 && hub.seen.length < 6) hub.refusals = [403];
    };
    const path = await downloadFile('org/model', 'model.safetensors', { ...options, onProgress });
    expect(await hashOf(path)).toBe(sha256(weights));
    expect(hub.seen.filter(({ from }) => from === 'cdn')).toHaveLength(3);
  });

  it('starts anew where the server has no ranges', async () => {
    hub.cuts = [100_000];
    hub.ignoreRanges = true;
    expect(await hashOf(await downloadFile('org/model', 'model.safetensors', options))).toBe(sha256(weights));
  });

  it('leaves nothing behind whose hash is wrong', async () => {
    hub.damage = (bytes) => bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte));
    const attempt = downloadFile('org/model', 'model.safetensors', options);
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_DATA' });
    await expect(attempt).rejects.toThrow(/'model.safetensors' of 'org\/model' came with the hash \w{64} instead of/);
    expect(await readdir(join(folder, 'blobs'))).toEqual([]);
    hub.damage = undefined;
    expect(await hashOf(await downloadFile('org/model', 'model.safetensors', options))).toBe(sha256(weights));
  });

  it('asks for all of it where what was there before is wrong', async () => {
    await mkdir(join(folder, 'blobs'), { recursive: true });
    await writeFile(partial(), new Uint8Array(1000).fill(9));
    expect(await hashOf(await downloadFile('org/model', 'model.safetensors', options))).toBe(sha256(weights));
    expect(downloads()).toEqual(['all', 'bytes=1000-', 'bytes=1000-', 'all', 'all']); // the API, then Hub and CDN twice
  });

  it('does not take the leftovers of a larger file for it', async () => {
    await mkdir(join(folder, 'blobs'), { recursive: true });
    await writeFile(partial(), new Uint8Array(weights.length + 1));
    expect(await hashOf(await downloadFile('org/model', 'model.safetensors', options))).toBe(sha256(weights));
  });

  it('stops when more comes than there should be', async () => {
    hub.damage = (bytes) => Buffer.concat([bytes, Uint8Array.of(1)]);
    const attempt = downloadFile('org/model', 'model.safetensors', options);
    await expect(attempt).rejects.toThrow("'model.safetensors' is longer than the 300000 bytes it should have");
    await expect(stat(join(folder, 'blobs', sha256(weights)))).rejects.toThrow('ENOENT');
  });

  it('is done once for all who want it at the same time', async () => {
    hub.slowness = 20;
    const paths = await Promise.all([1, 2, 3].map(() => downloadFile('org/model', 'model.safetensors', options)));
    expect(new Set(paths).size).toBe(1);
    expect(hub.seen.filter(({ from }) => from === 'cdn')).toHaveLength(1);
    expect(await hashOf(paths[0]!)).toBe(sha256(weights));
  });
});

describe('two processes', () => {
  const script = fileURLToPath(new URL('testing/download-process.ts', import.meta.url));
  const root = fileURLToPath(new URL('../../../../..', import.meta.url));
  const start = (): ChildProcess => {
    const task = JSON.stringify({ repo: 'org/model', path: 'model.safetensors', ...options });
    return spawn(process.execPath, ['--import', 'tsx', '--conditions=@kd/source', script, task], { cwd: root });
  };
  const output = async (child: ChildProcess): Promise<string> => {
    let text = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (text += chunk));
    await new Promise((done) => child.on('close', done));
    return text;
  };

  it('download a file once', async () => {
    hub.slowness = 300;
    const paths = await Promise.all([output(start()), output(start())]);
    expect(paths).toEqual(Array(2).fill(join(folder, 'snapshots', COMMIT, 'model.safetensors')));
    expect(hub.seen.filter(({ from }) => from === 'cdn')).toHaveLength(1);
  });

  it('go on where one was killed', async () => {
    hub.stalls = [100_000];
    const child = start();
    await vi.waitFor(async () => expect((await stat(partial())).size).toBe(100_000), { timeout: 20_000 });
    child.kill('SIGKILL');
    await output(child);
    const path = await downloadFile('org/model', 'model.safetensors', options);
    expect(await hashOf(path)).toBe(sha256(weights));
    expect(hub.seen.at(-1)!.range).toBe('bytes=100000-');
  });
});

describe('offline', () => {
  it('answers from the cache, and says what is not in it', async () => {
    await downloadFile('org/model', 'config.json', options);
    hub.seen.length = 0;
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    const repo = await openRepo('org/model', options);
    expect(await bytesOf(await repo.file('config.json'))).toEqual(config);
    expect(await repo.list()).toEqual(['config.json']);
    await expect(repo.file('model.safetensors')).rejects.toThrow(
      `openRepo: 'model.safetensors' of 'org/model' at ${COMMIT} is not in the cache ${cacheDir}, and the Hub must not be asked`,
    );
    await expect(openRepo('org/other', options)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(openRepo('org/other', options)).rejects.toThrow("revision 'main' of 'org/other' is not in the cache");
    expect(hub.seen).toEqual([]);
  });

  it.each([
    ['nobody answers', () => hub.close()],
    ['the Hub has trouble', () => hub.answerAll(503)],
  ])('uses the cache when %s', async (_, breakIt) => {
    await downloadFile('org/model', 'config.json', options);
    await breakIt();
    const repo = await openRepo('org/model', options);
    expect(await bytesOf(await repo.file('config.json'))).toEqual(config);
    await expect(repo.file('model.safetensors')).rejects.toThrow(
      /is not in the cache .*, and (no connection|127.*503)/,
    );
    await expect(openRepo('org/other', options)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('access', () => {
  beforeEach(() => {
    hub.repos['org/gated'] = { ...hub.repos['org/model']!, access: 'gated' };
    hub.repos['org/private'] = { ...hub.repos['org/model']!, access: 'private' };
  });

  it('sends the token to the Hub and not to its store', async () => {
    vi.stubEnv('HF_TOKEN', ` ${hub.token}\n`);
    expect(await hashOf(await downloadFile('org/private', 'model.safetensors', options))).toBe(sha256(weights));
    for (const { from, authorization } of hub.seen) {
      expect(authorization).toBe(from === 'hub' ? `Bearer ${hub.token}` : undefined);
    }
    hub.seen.length = 0;
    await expect(openRepo('org/private', { ...options, token: false })).rejects.toThrow(
      'if it is private, set HF_TOKEN',
    );
    expect(hub.seen[0]!.authorization).toBeUndefined();
  });

  it('finds the token that was saved by logging in', async () => {
    await writeFile(join(cacheDir, 'token'), `${hub.token}\n`);
    await openRepo('org/gated', options);
    vi.stubEnv('HF_HUB_DISABLE_IMPLICIT_TOKEN', '1');
    await expect(openRepo('org/gated', options)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it.each<[string, string, string, HubOptions, string]>([
    ['a gated repository', 'ACCESS_DENIED', 'org/gated', {}, "'org/gated' is gated: ask for access at http"],
    ['a private one', 'NOT_FOUND', 'org/private', {}, "no model 'org/private' at http"],
    ['none', 'NOT_FOUND', 'org/none', {}, "no model 'org/none' at http"],
    ['no such revision', 'NOT_FOUND', 'org/model', { revision: 'v9' }, "'org/model' has no revision 'v9'"],
    ['a wrong token', 'ACCESS_DENIED', 'org/model', { token: 'hf_wrong' }, 'the Hub does not take your token'],
    ['a repository like a path', 'INVALID_ARGUMENT', '../model', {}, "'../model' is neither a folder here nor"],
    ['too many parts', 'INVALID_ARGUMENT', 'a/b/c', {}, "'a/b/c' is neither a folder here nor"],
    [
      'a revision like a path',
      'INVALID_ARGUMENT',
      'org/model',
      { revision: '../x' },
      "the revision '../x' would leave",
    ],
    [
      'another address',
      'INVALID_ARGUMENT',
      'org/model',
      { hubUrl: 'file:///x' },
      "the Hub's address must start with https://",
    ],
  ])('says what to do about %s', async (_, code, repo, more, message) => {
    const attempt = openRepo(repo, { ...options, ...more });
    await expect(attempt).rejects.toMatchObject({ code });
    await expect(attempt).rejects.toThrow(`openRepo: ${message}`);
  });

  it('says that a file is not there, and takes no path out of the cache', async () => {
    const repo = await openRepo('org/model', options);
    await expect(repo.file('flax.msgpack')).rejects.toThrow(
      "'org/model' has no file 'flax.msgpack' at revision 'main'",
    );
    await expect(repo.file('../../../token')).rejects.toThrow('would leave its folder');
    await expect(repo.file('a\\..\\b')).rejects.toThrow('would leave its folder');
  });

  it('has the token in no error, even if fetch puts it there', async () => {
    const leaky: typeof fetch = (_, init) => Promise.reject(new Error(`failed: ${JSON.stringify(init?.headers)}`));
    const error = await openRepo('org/model', { ...options, token: hub.token, fetch: leaky }).catch((error) => error);
    expect(error.message).toContain('Bearer ***');
    expect(JSON.stringify([error.message, error.stack, error.details, String(error.cause)])).not.toContain(hub.token);
  });

  it('refuses a server that is no Hub', async () => {
    const html: typeof fetch = () => Promise.resolve(new Response('<html>'));
    await expect(openRepo('org/model', { ...options, fetch: html })).rejects.toThrow('does not speak as the Hub does');
  });
});

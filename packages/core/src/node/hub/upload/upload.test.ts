import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRepo } from '../open-repo.ts';
import { type HubServer, startHubServer } from '../testing/hub-server.ts';
import { createRepo } from './create-repo.ts';
import { uploadFolder } from './upload-folder.ts';

const weights = Uint8Array.from({ length: 450_000 }, (_, i) => (i * i) >>> 7); // five pieces
const head = Uint8Array.from({ length: 50_000 }, (_, i) => i % 251);

let hub: HubServer;
let home: string;
let student: string;
let options: { hubUrl: string; token: string };
beforeEach(async () => {
  for (const name of [
    'HF_TOKEN',
    'HUGGING_FACE_HUB_TOKEN',
    'HF_HUB_OFFLINE',
    'TRANSFORMERS_OFFLINE',
    'HF_TOKEN_PATH',
  ]) {
    vi.stubEnv(name, undefined);
  }
  home = await mkdtemp(join(tmpdir(), 'kd upload '));
  vi.stubEnv('HF_HOME', home); // no token of whoever runs this
  hub = await startHubServer();
  options = { hubUrl: hub.url, token: hub.token };
  student = join(home, 'a student');
  await mkdir(join(student, 'onnx'), { recursive: true });
  await writeFile(join(student, 'config.json'), '{"model_type":"mobilenet_v2"}');
  await writeFile(join(student, 'model.safetensors'), weights);
  await writeFile(join(student, 'onnx', 'größe 1.onnx'), head);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(home, { recursive: true });
});

/** What someone who downloads the repository gets. */
async function downloaded(repo: string, path: string): Promise<Uint8Array> {
  const opened = await openRepo(repo, { ...options, cacheDir: join(home, 'cache') });
  return Uint8Array.from(await readFile(await opened.file(path)));
}

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable(),
    (error: Error) => error,
  );

describe('createRepo', () => {
  it('makes a repository of the one whose token it is, and finds it the next time', async () => {
    const made = { repo: 'someone/beans', url: `${hub.url}/someone/beans`, user: 'someone' };
    expect(await createRepo('beans', { ...options, private: true })).toEqual(made);
    expect(await createRepo('beans', options)).toEqual(made);
    expect(await createRepo('someone/beans', options)).toEqual(made);
  });

  it('takes the token that Python has stored', async () => {
    await writeFile(join(home, 'token'), `${hub.token}\n`);
    expect((await createRepo('beans', { hubUrl: hub.url })).user).toBe('someone');
  });

  it('says before a run starts what would fail at its end', async () => {
    hub.repos['org/there'] = { refs: { main: '1'.repeat(40) }, files: { ['1'.repeat(40)]: {} } };
    await expect(createRepo('beans', { hubUrl: hub.url })).rejects.toThrow(
      /createRepo: uploading takes a token: set HF_TOKEN/,
    );
    const wrong = await failure(createRepo('beans', { hubUrl: hub.url, token: 'hf_wrongOne' }));
    expect(wrong).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(wrong.message).toContain('does not take your token');
    expect(wrong.message).not.toContain('hf_wrongOne');
    hub.uploads.role = 'read';
    for (const repo of ['beans', 'org/there']) {
      const error = await failure(createRepo(repo, options));
      expect(error).toMatchObject({ code: 'ACCESS_DENIED' });
      expect(error.message).toContain(`createRepo: your token may not write to '${repo}'`);
    }
    await expect(createRepo('../beans', options)).rejects.toThrow(/createRepo: '..\/beans' is neither/);
    await expect(createRepo('beans', { ...options, offline: true })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('writes to a repository that it may not make, but write to', async () => {
    hub.repos['org/there'] = { refs: { main: '1'.repeat(40) }, files: { ['1'.repeat(40)]: {} } };
    hub.uploads.refusals = [403]; // to making one
    expect((await createRepo('org/there', options)).repo).toBe('org/there');
    hub.uploads.refusals = [403];
    await expect(createRepo('org/not-there', options)).rejects.toThrow(/may not write to 'org\/not-there'/);
  });
});

describe('uploadFolder', () => {
  beforeEach(async () => {
    await createRepo('beans', options);
  });

  it('uploads a folder as one commit that downloads as it was', async () => {
    const { commit, url } = await uploadFolder('someone/beans', student, { ...options, message: 'Epoch 1' });
    expect(url).toBe(`${hub.url}/someone/beans/commit/${commit}`);
    expect(hub.uploads.commits).toEqual([{ repo: 'someone/beans', branch: 'main', summary: 'Epoch 1', oid: commit }]);
    expect(hub.uploads.pieces.sort()).toEqual([100_000, 100_000, 100_000, 100_000, 50_000, 50_000].sort());
    expect(Buffer.compare(await downloaded('someone/beans', 'model.safetensors'), weights)).toBe(0);
    expect(Buffer.compare(await downloaded('someone/beans', 'onnx/größe 1.onnx'), head)).toBe(0);
    expect(await downloaded('someone/beans', 'config.json')).toHaveLength(29);
  });

  it('keeps what the folder does not have, puts files elsewhere, and leaves out what is not wanted', async () => {
    await uploadFolder('someone/beans', student, options);
    await symlink(home, join(student, 'everything'));
    await mkdir(join(student, '.git'));
    await writeFile(join(student, '.git', 'config'), 'secret');
    const include = (path: string): boolean => !path.endsWith('.onnx');
    await uploadFolder('someone/beans', student, { ...options, pathInRepo: 'last-checkpoint', include });
    const opened = await openRepo('someone/beans', { ...options, cacheDir: join(home, 'cache') });
    const own = ['config.json', 'model.safetensors'];
    expect(await opened.list()).toEqual(
      [...own, ...own.map((path) => `last-checkpoint/${path}`), 'onnx/größe 1.onnx'].sort(),
    );
    expect(hub.uploads.commits.map(({ summary }) => summary)).toEqual(['Upload 3 files', 'Upload 2 files']);
  });

  it('goes on with the piece at which a connection broke', async () => {
    hub.uploads.cuts = [60_000, 10_000];
    await uploadFolder('someone/beans', student, options);
    expect(hub.uploads.pieces).toHaveLength(6); // each arrived once
    expect(Buffer.compare(await downloaded('someone/beans', 'model.safetensors'), weights)).toBe(0);
  });

  it('sends what has arrived only once, also after it has failed', async () => {
    const uncommitted: typeof fetch = async (input, init) =>
      String(input).includes('/commit/') ? new Response('no', { status: 400 }) : fetch(input, init);
    const failed = await failure(uploadFolder('someone/beans', student, { ...options, fetch: uncommitted }));
    expect(failed).toMatchObject({ code: 'INVALID_DATA' });
    expect(failed.message).toContain('uploadFolder: 127.0.0.1');
    expect(hub.uploads.commits).toEqual([]);
    const sent = hub.uploads.pieces.length;
    await uploadFolder('someone/beans', student, options);
    expect(hub.uploads.pieces).toHaveLength(sent);
    expect(hub.uploads.commits).toHaveLength(1);
  });

  it('waits while the Hub is busy', async () => {
    hub.uploads.refusals = [503, 429];
    await uploadFolder('someone/beans', student, options);
    expect(hub.uploads.commits).toHaveLength(1);
  });

  it('refuses an empty folder, one that is not there, a repository that is not there, a token that may only read', async () => {
    const empty = join(home, 'empty');
    await mkdir(empty);
    await expect(uploadFolder('someone/beans', empty, options)).rejects.toThrow(/is empty/);
    await expect(uploadFolder('someone/beans', student, { ...options, include: () => false })).rejects.toThrow(
      /has 3 files, and `include` wants none/,
    );
    await expect(uploadFolder('someone/beans', join(home, 'none'), options)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(uploadFolder('someone/other', student, options)).rejects.toThrow(/no repository 'someone\/other'/);
    await expect(uploadFolder('someone/beans', student, { ...options, pathInRepo: '../x' })).rejects.toThrow(
      /would leave/,
    );
    hub.uploads.role = 'read';
    const error = await failure(uploadFolder('someone/beans', student, options));
    expect(error).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(JSON.stringify(error) + error.stack).not.toContain(hub.token);
    expect(hub.uploads.commits).toEqual([]);
  });

  it('sends the token to the Hub alone, and stops when asked', async () => {
    await uploadFolder('someone/beans', student, options);
    expect(hub.seen.filter(({ from }) => from === 'cdn').map(({ authorization }) => authorization)).not.toContain(
      `Bearer ${hub.token}`,
    );
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(uploadFolder('someone/beans', student, { ...options, signal })).rejects.toThrow('enough');
  });
});

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepo } from '@kd/core/node';
import { fromPretrained, savePretrained } from '@kd/models/node';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type HubServer, startHubServer } from '../../../../core/src/node/hub/testing/hub-server.ts';
import { train } from '../../loop/train.ts';
import { modelFingerprint } from '../../model-weights.ts';
import { classification } from '../../objectives/classification.ts';
import { digits, network } from '../../testing/digits.ts';
import { checkpointFolder } from '../checkpoint-folder.ts';
import { type HubPushOptions, hubPush } from './hub-push.ts';

let hub: HubServer;
let home: string;
let warnings: string[];
beforeEach(async () => {
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN', 'HF_HUB_OFFLINE', 'HF_TOKEN_PATH'])
    vi.stubEnv(name, undefined);
  home = await mkdtemp(join(tmpdir(), 'kd push test '));
  vi.stubEnv('HF_HOME', home);
  vi.stubEnv('TMPDIR', home);
  hub = await startHubServer();
  vi.stubEnv('HF_TOKEN', hub.token);
  warnings = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(home, { recursive: true });
});

/** Three epochs of two steps, with a push. */
async function run(options: Partial<HubPushOptions> = {}, signal?: AbortSignal) {
  const model = network();
  const push = hubPush({
    repository: 'digits',
    student: (folder) => savePretrained(model, folder),
    hubUrl: hub.url,
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  const result = await train({
    model,
    objective: classification(),
    train: digits(64),
    epochs: 3,
    checkpoints: checkpointFolder(join(home, 'run')),
    callbacks: [push],
    ...(signal ? { signal } : {}),
  });
  return { model, push, result };
}

const summaries = (): string[] => hub.uploads.commits.map(({ summary }) => summary);

async function published(): Promise<string[]> {
  return (await openRepo('someone/digits', { hubUrl: hub.url, cacheDir: join(home, 'cache') })).list();
}

it('makes a commit for every checkpoint, and one at the end, whose student is the trained one', async () => {
  const { model, push } = await run();
  const saves = [2, 4, 6].map((step) => `Training in progress, step ${step}`);
  expect(summaries()).toEqual([...saves, 'End of training']);
  expect(push.pushed.map(({ step }) => step)).toEqual([2, 4, 6, 6]);
  expect(push.pushed.map(({ commit }) => commit)).toEqual(hub.uploads.commits.map(({ oid }) => oid));
  const loaded = await fromPretrained('someone/digits', { hubUrl: hub.url, cacheDir: join(home, 'cache') });
  expect(await modelFingerprint(loaded)).toBe(await modelFingerprint(model));
  expect((await readdir(home)).filter((name) => name.startsWith('kd-push-'))).toEqual([]);
  expect(warnings).toEqual([]);
});

it.each([
  ['end', 1, []],
  ['checkpoint', 4, ['last-checkpoint']],
  ['all_checkpoints', 4, ['checkpoint-2', 'checkpoint-4', 'checkpoint-6']],
] as const)('uploads what the strategy %s says', async (strategy, commits, folders) => {
  await run({ strategy });
  expect(hub.uploads.commits).toHaveLength(commits);
  const paths = await published();
  expect([...new Set(paths.filter((path) => path.includes('/')).map((path) => path.split('/')[0]))]).toEqual(folders);
  if (strategy === 'checkpoint') expect(paths).toContain('last-checkpoint/optimizer.safetensors');
});

it('refuses before the first step what would fail at the end', async () => {
  hub.uploads.role = 'read';
  await expect(run()).rejects.toThrow(/your token may not write to 'digits'/);
  expect(await readdir(join(home)).then((names) => names.includes('run'))).toBe(false);
  expect(() => hubPush({ repository: 'x', student: async () => {}, strategy: 'often' as 'end' })).toThrow(
    "hubPush: strategy must be one of end, every_save, checkpoint, all_checkpoints, got 'often'",
  );
});

it('goes on after a cut; an upload that fails for good is told, and training does not stop for it', async () => {
  hub.uploads.cuts = [100, 200];
  let commits = 0;
  const failing: typeof fetch = async (input, init) => {
    if (String(input).includes('/commit/') && commits++ === 0) return new Response('no', { status: 400 });
    return fetch(input, init);
  };
  const { result, push } = await run({ fetch: failing });
  expect(result.stopped).toBe('finished');
  expect(push.pushed).toHaveLength(3);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(
    /^hubPush: 'Training in progress, step 2' was not uploaded to .*someone\/digits: uploadFolder: /,
  );
});

it('writes the token nowhere', async () => {
  hub.uploads.refusals = [0, 0, 0, 401]; // the first commit
  await run({ strategy: 'all_checkpoints' });
  expect(warnings.join()).not.toContain(hub.token);
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    expect((await readFile(join(entry.parentPath, entry.name))).includes(hub.token), entry.name).toBe(false);
  }
  for (const files of Object.values(hub.repos['someone/digits']!.files)) {
    for (const content of Object.values(files)) expect(Buffer.from(content).includes(hub.token)).toBe(false);
  }
});

it('leaves the end to the run that goes on, when it is stopped', async () => {
  const controller = new AbortController();
  const { result } = await run(
    {
      student: async (folder) => {
        controller.abort();
        await savePretrained(network(), folder);
      },
    },
    controller.signal,
  );
  expect(result.stopped).toBe('aborted');
  expect(summaries()[0]).toBe('Training in progress, step 2');
  expect(summaries()).not.toContain('End of training');
});

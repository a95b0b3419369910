import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type HubServer, startHubServer } from '../../../core/src/node/hub/testing/hub-server.ts';
import { digits, network } from '../testing/digits.ts';
import { fineTune } from './fine-tune.ts';

let hub: HubServer;
let home: string;
beforeEach(async () => {
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN', 'HF_HUB_OFFLINE', 'HF_TOKEN_PATH'])
    vi.stubEnv(name, undefined);
  home = await mkdtemp(join(tmpdir(), 'kd arguments push '));
  hub = await startHubServer();
  vi.stubEnv('HF_HOME', home);
  vi.stubEnv('HF_ENDPOINT', hub.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(home, { recursive: true });
});

/** 4 steps, with a checkpoint after the second and the last. */
const run = (options: object = {}) =>
  fineTune({
    model: network(),
    train: digits(64),
    epochs: 2,
    saveSteps: 2,
    pushToHub: true,
    outputDir: join(home, 'digits'),
    hubToken: hub.token,
    ...options,
  });

it('pushes as the arguments of the Hub say', async () => {
  const { warnings } = await run();
  expect(warnings).toEqual([]);
  const summaries = hub.uploads.commits.map(({ summary }) => summary);
  expect(summaries.filter((summary) => summary.startsWith('Training in progress'))).toEqual([
    'Training in progress, step 2',
    'Training in progress, step 4',
  ]);
  expect(summaries.at(-1)).toBe('End of training');
});

it('has the token in no file', async () => {
  await run({ hubStrategy: 'end' });
  expect(hub.uploads.commits.filter(({ summary }) => summary !== 'initial commit')).toHaveLength(1);
  const files = (await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain('config.json');
  for (const { parentPath, name } of files) {
    expect((await readFile(join(parentPath, name))).includes(hub.token), name).toBe(false);
  }
});

it('finds out about a bad token before the first step', async () => {
  const steps: number[] = [];
  const callbacks = [{ onStepEnd: ({ step }: { step: number }) => void steps.push(step) }];
  await expect(run({ hubToken: 'hf_notarealtoken', callbacks })).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  expect(steps).toEqual([]);
});

import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HubServer, startHubServer } from '../../../core/src/node/hub/testing/hub-server.ts';
import { mlp } from '../mlp/mlp.ts';
import { setPreprocessorConfig } from '../predict/preprocessor-config.ts';
import { distance, Expected, fixture } from '../testing/parity.ts';
import { type FromPretrainedOptions, fromPretrained } from './from-pretrained.ts';
import { predict } from './predict/predict.ts';
import { savePretrained } from './save-pretrained.ts';

const [FIRST, SECOND, PULL] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string];

type Files = Record<string, Uint8Array>;

async function filesOf(
  folder: string,
  pick = /(config|index)\.json$|^(pytorch_)?model.*(bin|safetensors)$/,
): Promise<Files> {
  const names = (await readdir(folder)).filter((name) => pick.test(name));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])));
}

let hub: HubServer;
let folder: string;
let options: FromPretrainedOptions;
beforeEach(async () => {
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN', 'HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE', 'HF_HUB_CACHE']) {
    vi.stubEnv(name, undefined);
  }
  folder = await mkdtemp(join(tmpdir(), 'kd models hub '));
  vi.stubEnv('HF_HOME', folder); // no token of whoever runs this
  hub = await startHubServer();
  options = { hubUrl: hub.url, cacheDir: folder };
  const deit = await filesOf(fixture('deit'));
  hub.repos['org/model'] = {
    refs: { main: FIRST, 'v1.0': SECOND, 'refs/pr/1': PULL },
    files: {
      [FIRST]: deit,
      [SECOND]: await filesOf(fixture('resnet_bin')),
      [PULL]: { ...(await filesOf(fixture('deit_teacher'))), 'README.md': Uint8Array.of(35) },
    },
  };
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(folder, { recursive: true });
});

/** Largest difference to what PyTorch gave. */
function error(model: LayersModel, name: string): number {
  const want = new Expected(join(fixture(name), 'expected.safetensors'));
  return distance(model.predict(want.images()) as tf.Tensor, want.get('logits'));
}
const asked = (): string[] => hub.seen.map(({ method, url }) => `${method} ${url.split('?')[0]}`);

describe('fromPretrained of the Hub', () => {
  it('reads by id, tag, pull request and commit, each with what PyTorch computes', async () => {
    expect(error(await fromPretrained('org/model', options), 'deit')).toBeLessThan(1e-5);
    expect(error(await fromPretrained('org/model', { ...options, revision: 'v1.0' }), 'resnet_bin')).toBeLessThan(1e-5);
    const modelOptions = { inputSize: [16, 32] }; // as the fixture has it
    const pull = await fromPretrained('org/model', { ...options, revision: 'refs/pr/1', modelOptions });
    expect(error(pull, 'deit_teacher')).toBeLessThan(1e-5);
    expect(error(await fromPretrained('org/model', { ...options, revision: SECOND }), 'resnet_bin')).toBeLessThan(1e-5);
    expect(asked().some((each) => each.endsWith('README.md'))).toBe(false); // nothing that is not needed
  });

  it('reads a repository with pytorch_model.bin alone, and one of shards', async () => {
    for (const name of ['resnet_bin', 'resnet_bin_shards']) {
      hub.repos[`org/${name}`] = { refs: { main: FIRST }, files: { [FIRST]: await filesOf(fixture(name)) } };
      expect(error(await fromPretrained(`org/${name}`, options), name)).toBeLessThan(1e-5);
    }
    const shards = join(folder, 'shards');
    await savePretrained(await fromPretrained('org/model', options), shards, { maxShardBytes: 8000 });
    hub.repos['org/shards'] = { refs: { main: FIRST }, files: { [FIRST]: await filesOf(shards) } };
    expect(Object.keys(hub.repos['org/shards'].files[FIRST]!).length).toBeGreaterThan(4);
    expect(error(await fromPretrained('org/shards', options), 'deit')).toBeLessThan(1e-5);
  });

  it('prefers safetensors, as Python does, and does not fetch the rest', async () => {
    const both = { ...hub.repos['org/model']!.files[FIRST], 'pytorch_model.bin': new Uint8Array(5000) };
    hub.repos['org/both'] = { refs: { main: FIRST }, files: { [FIRST]: both } };
    expect(error(await fromPretrained('org/both', options), 'deit')).toBeLessThan(1e-5);
    expect(asked().some((each) => each.includes('pytorch_model'))).toBe(false);
  });

  it('answers from the cache when it is offline or the Hub is away', async () => {
    await fromPretrained('org/model', options);
    hub.seen.length = 0;
    expect(error(await fromPretrained('org/model', { ...options, offline: true }), 'deit')).toBeLessThan(1e-5);
    expect(hub.seen).toEqual([]);
    hub.answerAll(503);
    expect(error(await fromPretrained('org/model', options), 'deit')).toBeLessThan(1e-5);
    await expect(fromPretrained('org/other', { ...options, offline: true })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });

  it('says what a repository lacks', async () => {
    const { 'config.json': config, ...weights } = hub.repos['org/model']!.files[FIRST]!;
    hub.repos['org/bare'] = { refs: { main: FIRST }, files: { [FIRST]: { 'config.json': config! } } };
    await expect(fromPretrained('org/bare', options)).rejects.toThrow(
      "fromPretrained: 'org/bare' has no weights; looked for model.safetensors, model.safetensors.index.json, pytorch_model.bin",
    );
    hub.repos['org/weights'] = { refs: { main: FIRST }, files: { [FIRST]: weights } };
    await expect(fromPretrained('org/weights', options)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(fromPretrained('org/model', { ...options, revision: 'v9' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const shards = await filesOf(fixture('resnet_bin_shards'));
    delete shards['pytorch_model-00002-of-00003.bin'];
    hub.repos['org/shard'] = { refs: { main: FIRST }, files: { [FIRST]: shards } };
    await expect(fromPretrained('org/shard', options)).rejects.toThrow('pytorch_model-00002-of-00003.bin');
  });

  it('takes no weights with another hash than the Hub says, and the right ones the next time', async () => {
    hub.damage = (bytes) => Uint8Array.from(bytes, (byte, i) => (i === 20_000 ? byte ^ 1 : byte));
    await expect(fromPretrained('org/model', options)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    hub.damage = undefined;
    expect(error(await fromPretrained('org/model', options), 'deit')).toBeLessThan(1e-5);
  });

  it('survives a connection that is cut', async () => {
    hub.cuts.push(10_000, 5000);
    expect(error(await fromPretrained('org/model', options), 'deit')).toBeLessThan(1e-5);
    expect(hub.seen.filter(({ from }) => from === 'cdn').map(({ range }) => range)).toContain('bytes=10000-');
  });
});

it('predict needs nothing but the id: the processor comes along', async () => {
  const trained = mlp({ inputShape: [4, 5, 3], hiddenSizes: [6], classNames: ['cat', 'dog'], seed: 2 });
  setPreprocessorConfig(trained, {
    image_processor_type: 'ViTImageProcessor',
    size: { height: 4, width: 5 },
    resample: 2,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.25, 0.25, 0.25],
  });
  const saved = join(folder, 'saved');
  await savePretrained(trained, saved);
  hub.repos['org/saved'] = { refs: { main: FIRST }, files: { [FIRST]: await filesOf(saved) } };
  const model = await fromPretrained('org/saved', options);
  const data = Uint8Array.from({ length: 60 }, (_, i) => (i * 37) % 256); // of the right size already: no resampling
  const found = await predict(model, { data, shape: [4, 5, 3] });
  const ready = Float32Array.from(data, (pixel) => (pixel / 255 - 0.5) / 0.25);
  const want = await predict(trained, { data: ready, shape: [4, 5, 3] });
  expect(found).toEqual(want.map((each) => ({ ...each, score: expect.closeTo(each.score, 6) })));
});

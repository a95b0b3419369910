import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  KdError,
  type NamedTensor,
  type RandomSource,
  randomSource,
  readSafetensors,
  writeSafetensors,
} from '@kd/core';
import { openTensors } from '@kd/core/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutated } from '../../../core/src/testing/fixtures.ts';
import { toPretrained } from '../architectures/to-pretrained.ts';
import { mlp } from '../mlp/mlp.ts';
import { mobileNetV2 } from '../mobilenet/mobilenet-v2.ts';
import { resnet } from '../resnet/resnet.ts';
import { fixture } from '../testing/parity.ts';
import { deit } from '../vit/deit.ts';
import { vit } from '../vit/vit.ts';
import { fromPretrained } from './from-pretrained.ts';

/** Damaged models of each kind. `KD_FUZZ=10000 npx vitest run packages/models/src/node/mutations` takes minutes. */
const COUNT = Number(process.env.KD_FUZZ ?? 60);
const TIMEOUT = 60_000 + COUNT * 200;

const classNames = ['a', 'b', 'c'];
const encoder = {
  classNames,
  imageSize: 8,
  patchSize: 4,
  hiddenSize: 4,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 6,
};
const MODELS: Readonly<Record<string, () => LayersModel>> = {
  mlp: () => mlp({ inputShape: [2, 3, 1], hiddenSizes: [4, 3], classNames, batchNorm: true, dropout: 0.5, maxNorm: 2 }),
  resnet: () => resnet({ classNames, embeddingSize: 4, hiddenSizes: [4, 8], depths: [1, 1] }),
  mobilenet: () =>
    mobileNetV2({
      classNames,
      depthMultiplier: 0.05,
      depthDivisibleBy: 2,
      minDepth: 2,
      expandRatio: 1,
      finegrainedOutput: true,
    }),
  vit: () => vit(encoder),
  deit: () => deit(encoder),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd mutations '));
});
afterAll(() => rm(folder, { recursive: true }));

type Json = Record<string, unknown>;
type Files = Record<string, string | Uint8Array>;

/** The model in files, or undefined where they are refused as they should be. */
async function load(files: Files): Promise<LayersModel | undefined> {
  const place = await mkdtemp(join(folder, 'model-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(place, name), content);
    return await fromPretrained(place);
  } catch (error) {
    if (!KdError.isInstance(error)) throw error;
    expect(error.message).toMatch(/^\w+: /);
    return undefined;
  } finally {
    await rm(place, { recursive: true });
  }
}

const sameBits = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.compare(
    Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  ) === 0;

/** That every tensor of a model is the one of that name in the file. */
function expectTensors(found: readonly NamedTensor[], file: readonly NamedTensor[], what: string): void {
  const stored = new Map(file.map((tensor) => [tensor.name, tensor]));
  for (const { name, shape, data } of found) {
    const tensor = stored.get(name);
    if (name.endsWith('.num_batches_tracked')) {
      expect(data[0], `${name} of ${what}`).toBe(tensor?.data[0] ?? 0); // older files do not have it
      continue;
    }
    expect(tensor?.shape, `${name} of ${what}`).toEqual(shape);
    const values = data instanceof Float32Array ? Float32Array.from(tensor!.data) : tensor!.data;
    expect(sameBits(data, values), `values of ${name} of ${what}`).toBe(true);
  }
}

const ODD = [
  null,
  true,
  false,
  0,
  -1,
  1,
  2,
  3,
  5,
  7.5,
  1e9,
  2 ** 31,
  1e300,
  '',
  'relu',
  'gelu',
  [],
  [1],
  [0, 4],
  [4, 8, 8],
  [1e9, 1e9],
  {},
  { 0: 'x' },
  '224',
];

/** Fields that say nothing about a classifier, which are written as transformers does. */
const SILENT = [
  'architectures',
  'dtype',
  'label2id',
  'semantic_loss_ignore_index',
  'stage_names',
  'out_features',
  'out_indices',
];

/** A config with one or two fields lost, changed or added. */
function mutatedConfig(config: Json, random: RandomSource): Json {
  const changed = { ...config };
  for (let n = 1 + random.below(2); n > 0; n--) {
    const names = Object.keys(changed);
    const name = random.below(8) === 0 ? 'a_new_field' : names[random.below(names.length)]!;
    if (random.below(5) === 0) delete changed[name];
    else changed[name] = structuredClone(ODD[random.below(ODD.length)]);
  }
  return changed;
}

/** Tensors with one or two of them lost, added, or of another name, shape or type. */
function mutatedTensors(tensors: readonly NamedTensor[], random: RandomSource): NamedTensor[] {
  const changed = [...tensors];
  for (let n = 1 + random.below(2); n > 0; n--) {
    const at = random.below(changed.length);
    const { name, shape, data } = changed[at]!;
    const changes = [
      () => changed.splice(at, 1),
      () => changed.push({ name: `${name}.more`, shape, data }),
      () => changed.splice(at, 1, { name: name.slice(1), shape, data }),
      () => changed.splice(at, 1, { name, shape: [...shape, 1], data }),
      () => changed.splice(at, 1, { name, shape: [...shape].reverse(), data }),
      () => changed.splice(at, 1, { name, shape: [data.length], data }),
      () => changed.splice(at, 1, { name, shape, data: Int32Array.from(data) }),
      () => changed.splice(at, 1, { name, shape, data: Float64Array.from(data), dtype: 'F64' }),
      () => changed.splice(at, 1, { name, shape: [0], data: new Float32Array(0) }),
    ];
    changes[random.below(changes.length)]!();
  }
  return changed;
}

describe.each(Object.entries(MODELS))(`of ${COUNT} damaged models: %s`, (kind, make) => {
  const source = (stream: string, id: number) => randomSource({ seed: 6, stream: `${stream} ${kind}`, id });

  it('another config.json: refused, or heeded to the letter', { timeout: TIMEOUT }, async () => {
    const { config, tensors } = await toPretrained(make());
    const weights = writeSafetensors(tensors);
    let read = 0;
    for (let id = 0; id < COUNT; id++) {
      const changed = mutatedConfig(config, source('config', id));
      const what = JSON.stringify(changed);
      const model = await load({ 'config.json': what, 'model.safetensors': weights });
      if (!model) continue;
      read += 1;
      const written = await toPretrained(model);
      expectTensors(written.tensors, tensors, what);
      for (const [name, value] of Object.entries(changed)) {
        if (value === null || SILENT.includes(name) || !Object.hasOwn(written.config, name)) continue;
        expect(written.config[name], `${name} of ${what}`).toEqual(value);
      }
      model.dispose();
    }
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(COUNT);
  });

  it('bytes of config.json: refused or read', { timeout: TIMEOUT }, async () => {
    const { config, tensors } = await toPretrained(make());
    const weights = writeSafetensors(tensors);
    const text = new TextEncoder().encode(JSON.stringify(config));
    for (let id = 0; id < COUNT; id++) {
      const model = await load({ 'config.json': mutated(text, id), 'model.safetensors': weights });
      if (!model) continue;
      expectTensors((await toPretrained(model)).tensors, tensors, `file ${id}`);
      model.dispose();
    }
  });

  it('other tensors: refused, or each in its place', { timeout: TIMEOUT }, async () => {
    const { config, tensors } = await toPretrained(make());
    let read = 0;
    for (let id = 0; id < COUNT; id++) {
      const changed = mutatedTensors(tensors, source('tensors', id));
      let weights: Uint8Array;
      try {
        weights = writeSafetensors(changed);
      } catch (error) {
        expect(KdError.isInstance(error)).toBe(true); // two of one name
        continue;
      }
      const model = await load({ 'config.json': JSON.stringify(config), 'model.safetensors': weights });
      if (!model) continue;
      read += 1;
      expectTensors((await toPretrained(model)).tensors, readSafetensors(weights).tensors, `file ${id}`);
      model.dispose();
    }
    expect(read).toBeLessThan(COUNT / 2);
  });

  if (kind === 'mobilenet') return; // its file is of the same kind, and large
  it('bytes of model.safetensors: refused, or what is in it', { timeout: TIMEOUT }, async () => {
    const { config, tensors } = await toPretrained(make());
    const weights = writeSafetensors(tensors);
    for (let id = 0; id < COUNT; id++) {
      const bytes = mutated(weights, id);
      const model = await load({ 'config.json': JSON.stringify(config), 'model.safetensors': bytes });
      if (!model) continue;
      expectTensors((await toPretrained(model)).tensors, readSafetensors(bytes).tensors, `file ${id}`);
      model.dispose();
    }
  });
});

it(`of ${COUNT} damaged pytorch_model.bin: refused, or what was in it`, { timeout: TIMEOUT }, async () => {
  const place = fixture('resnet_bin');
  const [config, bytes] = await Promise.all(
    ['config.json', 'pytorch_model.bin'].map((name) => readFile(join(place, name))),
  );
  const original = await openTensors(join(place, 'pytorch_model.bin'));
  const tensors = await Promise.all(original.tensors.map(({ name }) => original.read(name)));
  await original.close();
  let read = 0;
  for (let id = 0; id < COUNT; id++) {
    const model = await load({ 'config.json': config!, 'pytorch_model.bin': mutated(bytes!, id) });
    if (!model) continue;
    read += 1;
    expectTensors((await toPretrained(model)).tensors, tensors, `file ${id}`); // its checksums hold
    model.dispose();
  }
  expect(read).toBeLessThan(COUNT);
});

/**
 * Peak memory and time of building, saving, loading and running models at full size, each in a process of its own, on
 * WebAssembly. `base` is Node with TF.js and the backend, nothing built.
 *
 *     pnpm --filter @kd/models memory
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { selectBackend } from '@kd/backend/node';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { registerLayers, resnet50, vitBase16 } from '../src/index.ts';
import { fileHandler, fromPretrained, loadModel, saveModel, savePretrained } from '../src/node/index.ts';

const classNames = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
const MODELS: Readonly<Record<string, () => tfl.LayersModel>> = {
  'ViT-B/16': () => vitBase16({ classNames }),
  'ResNet-50': () => resnet50({ classNames }),
};

type Make = () => tfl.LayersModel;

/** In this order: what loads comes after what saves. */
const STEPS: Readonly<Record<string, (make: Make, folder: string) => unknown>> = {
  base: () => {},
  build: (make) => make(),
  'build, savePretrained': (make, folder) => savePretrained(make(), join(folder, 'hub')),
  'build, saveModel': (make, folder) => saveModel(make(), join(folder, 'tfjs')),
  'build, model.save': (make, folder) => make().save(fileHandler(join(folder, 'tfjs'))),
  fromPretrained: (_, folder) => fromPretrained(join(folder, 'hub')),
  loadModel: (_, folder) => loadModel(join(folder, 'tfjs')),
  'tf.loadLayersModel': (_, folder) => {
    registerLayers();
    return tfl.loadLayersModel(fileHandler(join(folder, 'tfjs')));
  },
  'fromPretrained, one image': async (_, folder) => {
    const model = await fromPretrained(join(folder, 'hub'));
    const [values] = (model.predict(tf.ones([1, 224, 224, 3])) as tf.Tensor).dataSync();
    if (!Number.isFinite(values)) throw new Error(`the logit is ${values}`);
  },
};

const [name, step, folder] = process.argv.slice(2);
if (name && step && folder) {
  await selectBackend({ backend: 'wasm' });
  const start = performance.now();
  const make = MODELS[name]!;
  await STEPS[step]!(make, folder);
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1000 }));
} else {
  const place = await mkdtemp(join(tmpdir(), 'kd memory '));
  const self = [...process.execArgv, fileURLToPath(import.meta.url)];
  try {
    for (const model of Object.keys(MODELS)) {
      for (const each of Object.keys(STEPS)) {
        const { stdout } = await promisify(execFile)(process.execPath, [...self, model, each, place]);
        const { seconds, megabytes } = JSON.parse(stdout.trim().split('\n').at(-1)!);
        console.log(
          `${model.padEnd(10)} ${each.padEnd(26)} ${megabytes.toFixed(0).padStart(5)} MB ${seconds.toFixed(1).padStart(5)} s`,
        );
      }
    }
  } finally {
    await rm(place, { recursive: true });
  }
}

import '@tensorflow/tfjs-backend-cpu';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mobileNetV2, resnet, setPreprocessorConfig, vit } from '@kd/models';
import { savePretrained } from '@kd/models/node';
import { exportOnnx } from '@kd/onnx/node';
import { startHubServer } from '../../packages/core/src/node/hub/testing/hub-server.ts';

const BEANS = fileURLToPath(new URL('../../../shared/data/beans', import.meta.url));
/** Why there are no photographs, if there are none. */
export const missingPhotographs = existsSync(BEANS) ? undefined : 'no ../shared/data/beans';

const CLASS_NAMES = ['angular_leaf_spot', 'bean_rust', 'healthy'];
const SPLITS = { train: 4, validation: 2, test: 2 };
const COMMIT = '1'.repeat(40);

/** What examples of the documentation find in the folder that they run in, and around it. */
export interface ExampleMaterials {
  /** For their processes: a Hub of this machine, and no one's home. */
  env: Record<string, string>;
  close(): Promise<void>;
}

/**
 * Fills a folder: `photographs/<split>/<class>/*.jpg`, a few of the beans data set, and `teacher/`, a ViT for their classes with
 * its ONNX file. Starts a Hub of this machine that has the models which examples name: with their layers, sizes of images and
 * preparation, but narrow and with drawn weights.
 */
export async function prepareMaterials(folder: string): Promise<ExampleMaterials> {
  const hub = await startHubServer();
  const home = await mkdtemp(join(tmpdir(), 'kd-examples-home-'));
  for (const [name, files] of Object.entries(await standIns(home))) {
    hub.repos[name] = { refs: { main: COMMIT }, files: { [COMMIT]: files } };
  }
  await copyPhotographs(join(folder, 'photographs'));
  const teacher = narrowVit(CLASS_NAMES);
  await savePretrained(teacher, join(folder, 'teacher'));
  await exportOnnx(teacher, join(folder, 'teacher', 'model.onnx'));
  return {
    env: { HF_ENDPOINT: hub.url, HF_HOME: home, HF_TOKEN: hub.token, HF_HUB_OFFLINE: '' },
    async close() {
      await hub.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** `<folder>/<split>/<class>/*.jpg` */
export async function copyPhotographs(folder: string): Promise<void> {
  if (missingPhotographs) return;
  for (const [split, count] of Object.entries(SPLITS)) {
    for (const name of CLASS_NAMES) {
      const files = (await readdir(join(BEANS, split, name))).sort().slice(0, count);
      await mkdir(join(folder, split, name), { recursive: true });
      for (const file of files) await copyFile(join(BEANS, split, name, file), join(folder, split, name, file));
    }
  }
}

const half = [0.5, 0.5, 0.5];
const imagenet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };

function narrowVit(classNames: readonly string[]) {
  const narrow = { hiddenSize: 24, numHiddenLayers: 2, numAttentionHeads: 2, intermediateSize: 48 };
  const model = vit({ classNames, ...narrow, seed: 1 });
  setPreprocessorConfig(model, {
    image_processor_type: 'ViTImageProcessor',
    size: { height: 224, width: 224 },
    image_mean: half,
    image_std: half,
  });
  return model;
}

/** Files of each repository by name. */
async function standIns(home: string): Promise<Record<string, Record<string, Uint8Array>>> {
  const classNames = ['something', 'something else'];
  const mobile = mobileNetV2({ classNames, depthMultiplier: 0.35, imageSize: 96, seed: 2 });
  setPreprocessorConfig(mobile, {
    image_processor_type: 'MobileNetV2ImageProcessor',
    size: { shortest_edge: 128 },
    crop_size: { height: 96, width: 96 },
    image_mean: half,
    image_std: half,
  });
  const residual = resnet({
    classNames,
    embeddingSize: 8,
    hiddenSizes: [8, 16, 16, 32],
    depths: [1, 1, 1, 1],
    layerType: 'basic',
  });
  setPreprocessorConfig(residual, {
    image_processor_type: 'ConvNextImageProcessor',
    size: { shortest_edge: 224 },
    crop_pct: 0.875,
    ...imagenet,
  });
  const models = {
    'google/vit-base-patch16-224': narrowVit(classNames),
    'merve/beans-vit-224': narrowVit(CLASS_NAMES),
    'google/mobilenet_v2_0.35_96': mobile,
    'microsoft/resnet-18': residual,
  };
  const repos: Record<string, Record<string, Uint8Array>> = {};
  for (const [name, model] of Object.entries(models)) {
    const folder = join(home, name);
    await savePretrained(model, folder);
    const files = await readdir(folder);
    repos[name] = Object.fromEntries(
      await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file))])),
    );
    await rm(folder, { recursive: true });
  }
  return repos;
}

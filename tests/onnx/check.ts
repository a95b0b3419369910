/** Exports models and runs them in Python's onnxruntime: see docs/onnx.md. `npm run check:onnx` */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selectBackend } from '@kd/backend/node';
import { safetensorsParts } from '@kd/core';
import { fromPretrained } from '@kd/models/node';
import { exportOnnx } from '@kd/onnx/node';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { EXPORTED, exportedModel, firstOutput, threeImages } from '../../packages/onnx/src/testing/exported-models.ts';
import { runPython } from '../lib/python.ts';

const PRETRAINED = fileURLToPath(new URL('../../../shared/models/vit-tiny-tinyimagenet', import.meta.url));

/** The model's file where transformers.js looks for it, beside it what the model says of three images. */
async function writeExported(folder: string, model: LayersModel, image: readonly [number, number, number]) {
  await exportOnnx(model, join(folder, 'onnx', 'model.onnx'), { inputShape: image });
  const expected = tf.tidy(() => {
    const images = threeImages(image);
    const tensors = { pixel_values: tf.transpose(images, [0, 3, 1, 2]), logits: firstOutput(model, images) };
    return Object.entries(tensors).map(([name, tensor]) => ({
      name,
      shape: tensor.shape,
      data: tensor.dataSync() as Float32Array,
    }));
  });
  await writeFile(join(folder, 'expected.safetensors'), safetensorsParts(expected));
}

const folder = await mkdtemp(join(tmpdir(), 'kd onnx '));
try {
  console.log((await selectBackend()).summary);
  for (const name of EXPORTED) {
    const { model, image } = exportedModel(name);
    await writeExported(join(folder, name), model, image);
    model.dispose();
  }
  if (existsSync(PRETRAINED)) {
    await writeExported(join(folder, 'vit-tiny-tinyimagenet'), await fromPretrained(PRETRAINED), [224, 224, 3]);
  }
  await runPython('onnx', 'check_exported.py', folder);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

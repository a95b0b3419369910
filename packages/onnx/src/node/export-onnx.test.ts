import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mlp } from '@kd/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toOnnx } from '../export/to-onnx.ts';
import { exportOnnx } from './export-onnx.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('writes the file where transformers.js looks for it, and nothing beside it', async () => {
  const model = mlp({ hiddenSizes: [8], classNames: ['cat', 'dog'], seed: 1 });
  await exportOnnx(model, join(folder, 'onnx/model.onnx'));
  expect(await readdir(folder, { recursive: true })).toEqual(['onnx', join('onnx', 'model.onnx')]);
  expect(new Uint8Array(await readFile(join(folder, 'onnx/model.onnx')))).toEqual(await toOnnx(model));
});

/** One model on one backend, in a process of its own: reads batch sizes, answers with times. See bench.ts. */
import { createInterface } from 'node:readline';
import { type BackendName, selectBackend } from '@kd/backend/node';
import * as tf from '@tensorflow/tfjs-core';
import { MODELS, type ModelName } from './models.ts';

const SECOND = 1000;

const [name, backend] = process.argv.slice(2) as [ModelName, BackendName];
await selectBackend({ backend });
const model = MODELS[name]();
const [, height, width, channels] = model.inputs[0]!.shape;
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const x = tf.randomNormal([Number(line), height ?? 224, width ?? 224, channels!], 0, 1, 'float32', 1);
  const ms: number[] = [];
  const started = performance.now();
  while (performance.now() - started < SECOND || ms.length < 2) {
    const start = performance.now();
    const logits = model.predictOnBatch(x) as tf.Tensor;
    await logits.data();
    ms.push(performance.now() - start);
    logits.dispose();
  }
  x.dispose();
  console.log(JSON.stringify({ ms, megabytes: process.resourceUsage().maxRSS / 1e3 }));
}

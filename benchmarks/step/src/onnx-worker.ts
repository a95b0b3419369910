/** The engine of `@kd/onnx` in a process of its own: reads numbers of steps, answers with times. See engines.ts. */
import { createInterface } from 'node:readline';
import '@tensorflow/tfjs-backend-cpu';
import { mobileNetV2, resnet18, vitBase16, vitTiny16 } from '@kd/models';
import { compileForward, compileStep } from '@kd/onnx/node';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CASES, type Case } from './cases.ts';
import { mnistTeacher } from './networks.ts';
import { ADAMW, crossEntropy } from './training.ts';
import { createTurns } from './turns.ts';

const classNames = ['a', 'b', 'c'];
const NETWORKS: Readonly<Record<Case, () => LayersModel>> = {
  mobilenetv2: () => mobileNetV2({ classNames, classifierDropoutProb: 0 }),
  resnet18: () => resnet18({ classNames }),
  'vit-tiny': () => vitTiny16({ classNames }),
  mlp: () => mnistTeacher('stock'),
  'vit-base': () => vitBase16({ classNames }),
};

const [which, cacheDir, threadsText] = process.argv.slice(2) as [Case, string, string];
let warning: string | undefined;
const options = {
  cacheDir,
  threads: Number(threadsText),
  onWarning: (message: string): void => {
    warning = message;
  },
};
const { batch, classes, input, isTraining } = CASES[which];
const model = NETWORKS[which]();
const shape = [batch, ...input];
const images = Float32Array.from(tf.randomNormal(shape, 0, 1, 'float32', 1).dataSync());

/** Builds what runs a step, and says how long that took. */
async function build(): Promise<{ step: () => Promise<unknown>; buildMs: number }> {
  const start = performance.now();
  if (!isTraining) {
    const forward = compileForward(model, options);
    const step = () => forward.predict(images, shape);
    await step();
    return { step, buildMs: performance.now() - start };
  }
  const labels = new Float32Array(batch * classes);
  for (let i = 0; i < batch; i++) labels[i * classes + (i % classes)] = 1;
  const { learningRate, weightDecay, ...rule } = ADAMW;
  const compiled = compileStep({
    ...options,
    variables: model,
    rule: { name: 'adam', ...rule },
    group: () => ({ weightDecay }),
    loss: ({ x, y }) => ({
      loss: crossEntropy('stock', y as tf.Tensor2D, model.apply(x!, { training: true }) as tf.Tensor2D),
    }),
  });
  const inputs = { x: { data: images, shape }, y: { data: labels, shape: [batch, classes] } };
  await compiled.prepare(inputs);
  const buildMs = performance.now() - start;
  return { step: () => compiled.run(inputs, { learningRate }), buildMs };
}

const { step, buildMs } = await build();
const takeTurn = createTurns(step);
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ ...(await takeTurn(Number(line))), buildMs, warning }));
}

/** Processor time of one photograph by stage, ours and Python's: see the README. */
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pixelNormalizer } from '@kd/core';
import { imageHeader } from '@kd/data';
import { dataLoader, decodeImage, loadDataset } from '@kd/data/node';
import { formatTable } from '@kd-bench/common';
import { decodeJpeg } from '../../../packages/data/src/node/jpeg/decode-jpeg.ts';
import { PROCESSORS } from './cases.ts';

const IMAGES = 512;
const ROUNDS = 5;

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('stages: pass the folder with train-*.parquet of beans');
const { train } = await loadDataset('beans', { source: folder });
const encoded = await Promise.all(Array.from({ length: IMAGES }, (_, index) => train.read(index)));
const images = await Promise.all(encoded.map((bytes) => decodeImage(bytes)));
const processor = PROCESSORS.vit;
const resized = images.map((image) => processor.resize(image).data);
const normalize = pixelNormalizer('stages', processor.normalization);
const numbers = new Float32Array(resized[0]!.length);

/** Milliseconds of all threads for one image, in the best of the rounds. */
async function cpu(work: () => unknown, count = IMAGES): Promise<string> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000 / count);
  }
  return best.toFixed(2);
}

const epoch = (output: 'uint8' | 'float32', workers: number) => async () => {
  for await (const _ of dataLoader(train, { batchSize: 32, processor, output, workers }));
};
const rows: string[][] = [
  ['decode, sharp', await cpu(() => Promise.all(encoded.map((bytes) => decodeImage(bytes))))],
  [
    'decode, libjpeg-turbo in WebAssembly',
    await cpu(() => Promise.all(encoded.map((bytes) => decodeJpeg(bytes, imageHeader(bytes)!)))),
  ],
  ['resize', await cpu(() => images.forEach((image) => void processor.resize(image)))],
  ['normalise', await cpu(() => resized.forEach((data) => void normalize(data, 0, numbers, 0, data.length)))],
];
for (const output of ['uint8', 'float32'] as const) {
  for (const workers of [0, 1]) {
    rows.push([`loader, ${output}, ${workers} workers`, await cpu(epoch(output, workers), train.length)]);
  }
}
console.log(formatTable(['stage', 'ms'], rows));

const file = (await readdir(folder)).find((name) => /^train-.*\.parquet$/.test(name))!;
const script = fileURLToPath(new URL('stages.py', import.meta.url));
const python = spawnSync(process.env.KD_PYTHON ?? 'python3', [script, join(folder, file), `${IMAGES}`, `${ROUNDS}`]);
console.log(`\nPython\n${python.status === 0 ? python.stdout : python.stderr.toString().split('\n').at(-2)}`);

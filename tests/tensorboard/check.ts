/** Writes event files and compares what TensorBoard's own reader finds in them. `npm run check:tensorboard` */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventFile } from '@kd/train/node';
import sharp from 'sharp';
import { readPython } from '../lib/python.ts';

interface Found {
  scalars: Record<string, [step: number, value: number][]>;
  images: Record<string, [step: number, width: number, height: number, hex: string][]>;
  histograms: Record<string, [step: number, rows: [left: number, right: number, count: number][]][]>;
  texts: Record<string, [step: number, text: string][]>;
  hparams: Record<string, unknown>;
}

const folder = await mkdtemp(join(tmpdir(), 'kd tensorboard '));
try {
  const png = await sharp({ create: { width: 20, height: 10, channels: 3, background: '#27c' } })
    .png()
    .toBuffer();
  const weights = Float32Array.from({ length: 10_000 }, (_, i) => Math.sin(i) * 0.1);
  const losses = Array.from({ length: 100 }, (_, i) => Math.fround(1 / (i + 1)));

  const first = openEventFile(folder);
  first.hyperParameters({ temperature: 5, lambda: 0.5, student: 'mobilenet_v2', shuffle: true }, ['eval/accuracy']);
  first.text('config', 'Grüße, *Markdown*', 0);
  first.image('samples', png, 0);
  for (const [i, loss] of losses.slice(0, 60).entries()) first.scalar('train/loss', loss, i + 1);
  first.scalar('eval/accuracy', 0.5, 40);
  first.histogram('classifier/kernel', weights, 40);
  first.close();
  await new Promise((resolve) => setTimeout(resolve, 1100)); // files are ordered by the second in their name
  const second = openEventFile(folder, { fromStep: 41 }); // resumed from a checkpoint: steps 41 to 60 come again
  for (const [i, loss] of losses.slice(40).entries()) second.scalar('train/loss', loss, i + 41);
  second.close();

  const found = JSON.parse(await readPython('tensorboard', 'read_events.py', folder)) as Found;
  assert.deepEqual(
    found.scalars['train/loss'],
    losses.map((loss, i) => [i + 1, loss]),
  );
  assert.deepEqual(found.images.samples, [[0, 20, 10, png.toString('hex')]]);
  assert.deepEqual(found.texts.config, [[0, 'Grüße, *Markdown*']]);
  assert.deepEqual(found.hparams, {
    metrics: ['eval/accuracy'],
    names: ['temperature', 'lambda', 'student', 'shuffle'],
    temperature: 5,
    lambda: 0.5,
    student: 'mobilenet_v2',
    shuffle: true,
    status: 1,
  });
  const [[step, rows]] = found.histograms['classifier/kernel']! as [[number, [number, number, number][]]];
  assert.equal(step, 40);
  assert.equal(
    rows.reduce((sum, [, , count]) => sum + count, 0),
    weights.length,
  );
  for (const [left, right, count] of rows) {
    const inside = weights.filter((weight) => weight >= left && weight < right).length;
    assert.ok(Math.abs(inside - count) <= 1, `${count} values in [${left}, ${right}), there are ${inside}`);
  }
  console.log(
    `TensorBoard reads back ${losses.length} scalars, the image, the text, the hyper-parameters and the histogram of ` +
      `${weights.length} values in ${rows.length} bins; a resumed run goes on at its checkpoint.`,
  );
} finally {
  await rm(folder, { recursive: true });
}

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers gradients
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Graph } from '../graph/graph.ts';
import { countingRuntime } from '../testing/counting-runtime.ts';
import { traceFunction } from '../trace/trace-function.ts';
import { blockOf } from './blocked-layout.ts';
import { type BindOptions, bindProgram } from './bound-program.ts';
import { loadOnnxRuntime, type OnnxRuntime } from './runtime.ts';
import { createVariableValues } from './variable-values.ts';

const SHAPE = [2, 8, 8, 32];
let filter: tf.Variable<tf.Rank.R4>;
let images: Float32Array;
let want: Float32Array;
let cacheDir: string;

const fn = (x: tf.Tensor) => tf.relu(tf.conv2d(x as tf.Tensor4D, filter, 1, 'same'));
const trace = (): Graph => traceFunction(fn as never, [{ shape: SHAPE, dtype: 'float32' }]);

beforeAll(async () => {
  await tf.setBackend('cpu');
  filter = tf.variable(tf.randomNormal([3, 3, 32, 32], 0, 0.1, 'float32', 1));
  const x = tf.randomNormal(SHAPE, 0, 1, 'float32', 2);
  images = x.dataSync() as Float32Array;
  want = fn(x).dataSync() as Float32Array;
});
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'kd-cache-'));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

/** Runs it twice, and asserts what comes out both times. */
async function run(options: BindOptions, runtime?: OnnxRuntime): Promise<{ block: number }> {
  const values = createVariableValues();
  const program = await bindProgram(runtime ?? (await loadOnnxRuntime()), trace(), values, { threads: 1, ...options });
  program.arguments[0]!.set(images);
  await values.pull();
  for (let i = 0; i < 2; i++) {
    await program.run();
    const got = program.results.result0 as Float32Array;
    const worst = want.reduce((max, value, j) => Math.max(max, Math.abs(value - got[j]!)), 0);
    expect(worst).toBeLessThan(1e-4);
  }
  const { block } = program;
  await program.release();
  return { block };
}

describe('a program', () => {
  it('uses the layout that ONNX Runtime has on this machine', async () => {
    const machine = await blockOf(await loadOnnxRuntime());
    const lines: string[] = [];
    const { block } = await run({ cacheDir: false, onWarning: (line) => void lines.push(line) });
    expect(block).toBe(machine);
    expect(lines).toEqual([]);
  });

  it('finds that a block is not that of the machine, says so once, and goes on with the portable graph', async () => {
    const machine = await blockOf(await loadOnnxRuntime());
    const lines: string[] = [];
    const wrong = machine === 16 ? 8 : 16;
    const { block } = await run({ cacheDir: false, block: wrong, onWarning: (line) => void lines.push(line) });
    expect(block).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^onnx: the blocked graph \(block \d+\) .+; the portable one is used, which is slower/);
  });

  it.each([
    ['does not load', () => Promise.reject(new Error('no such operator'))],
    [
      'fails',
      () => Promise.resolve({ run: () => Promise.reject(new Error('no such kernel')), release: async () => {} }),
    ],
  ])('goes on with the portable graph where the blocked one %s', async (what, createBlocked) => {
    const { ort, version } = await loadOnnxRuntime();
    const create = (bytes: Uint8Array, options: object) =>
      Buffer.from(bytes).includes('com.microsoft.nchwc')
        ? createBlocked()
        : ort.InferenceSession.create(bytes, options);
    const runtime = { version, ort: { ...ort, Tensor: ort.Tensor, InferenceSession: { create } } };
    const lines: string[] = [];
    const onWarning = (line: string) => void lines.push(line);
    const { block } = await run({ cacheDir: false, block: 16, onWarning }, runtime as unknown as OnnxRuntime);
    expect(block).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(`^onnx: the blocked graph .block 16. ${what} .no such .+; the portable`),
    ]);
  });

  it('warns as Node does if nobody listens', async () => {
    const machine = await blockOf(await loadOnnxRuntime());
    const warning = new Promise<Error>((resolve) => process.once('warning', resolve));
    await run({ cacheDir: false, block: machine === 16 ? 8 : 16 });
    expect(await warning).toMatchObject({
      name: 'KdWarning',
      message: expect.stringMatching(/^onnx: the blocked graph/),
    });
  });

  it('is portable if that is asked for', async () => {
    expect((await run({ cacheDir: false, block: 1 })).block).toBe(1);
  });

  it('checks a blocked graph once for each machine, and knows it of another model of the same make', async () => {
    const machine = await blockOf(await loadOnnxRuntime());
    await run({ cacheDir });
    const files = await readdir(cacheDir);
    expect(files).toHaveLength(machine === 1 ? 0 : 1);
    filter = tf.variable(filter); // another name
    const { load, opened } = countingRuntime();
    await run({ cacheDir, block: machine }, await loadOnnxRuntime({ load }));
    expect(await readdir(cacheDir)).toEqual(files);
    expect(opened()).toBe(1); // no portable one beside it
  });

  it('runs where nothing can be kept', async () => {
    const file = join(cacheDir, 'a file');
    await writeFile(file, '');
    await run({ cacheDir: file });
    expect(await readdir(cacheDir)).toEqual(['a file']);
  });
});

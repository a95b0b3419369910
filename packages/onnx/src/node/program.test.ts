import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers gradients
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Graph } from '../graph/graph.ts';
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

  it('is portable if that is asked for', async () => {
    expect((await run({ cacheDir: false, block: 1 })).block).toBe(1);
  });

  it('keeps optimised graphs, and makes what is damaged or foreign anew', async () => {
    await run({ cacheDir, block: 1 });
    const [name] = (await readdir(cacheDir)) as [string];
    const whole = await readFile(join(cacheDir, name));
    await run({ cacheDir, block: 1 });
    expect(await readdir(cacheDir)).toEqual([name]);
    const damaged = [
      whole.subarray(0, whole.length >> 1),
      Buffer.from(whole),
      Buffer.alloc(0),
      Buffer.from('no graph'),
    ];
    damaged[1]![whole.length >> 1]! ^= 1;
    for (const bytes of damaged) {
      await writeFile(join(cacheDir, name), bytes);
      await run({ cacheDir, block: 1 });
      expect((await readFile(join(cacheDir, name))).equals(whole)).toBe(true);
    }
  });

  it('throws away what was not used for a month', async () => {
    const [old, recent] = ['0', '1'].map((digit) => `${digit.repeat(64)}.onnx`) as [string, string];
    for (const [name, days] of [
      [old, 31],
      [recent, 29],
      ["somebody's model.onnx", 31],
    ] as const) {
      const path = join(cacheDir, name);
      await writeFile(path, '');
      const then = new Date(Date.now() - days * 24 * 3600 * 1000);
      await utimes(path, then, then);
    }
    await run({ cacheDir, block: 1 });
    const files = await readdir(cacheDir);
    expect(files).toHaveLength(3);
    expect(files).toContain(recent);
    expect(files).toContain("somebody's model.onnx");
  });

  it('finds the graph of another model of the same make in the cache', async () => {
    await run({ cacheDir, block: 1 });
    const first = await readdir(cacheDir);
    filter = tf.variable(filter); // another name
    await run({ cacheDir, block: 1 });
    expect(await readdir(cacheDir)).toEqual(first);
  });

  it('checks a blocked graph once for each machine', async () => {
    await run({ cacheDir });
    const files = await readdir(cacheDir);
    await run({ cacheDir });
    expect(await readdir(cacheDir)).toEqual(files);
    expect(files.filter((name) => name.endsWith('.checked'))).toHaveLength(1);
  });

  it('runs where nothing can be kept', async () => {
    const file = join(cacheDir, 'a file');
    await writeFile(file, '');
    await run({ cacheDir: file });
    const { ort, version } = await loadOnnxRuntime();
    const create = (bytes: Uint8Array, options: { optimizedModelFilePath?: string }) =>
      options.optimizedModelFilePath
        ? Promise.reject(new Error('no space left on device'))
        : ort.InferenceSession.create(bytes, options);
    const full = {
      version,
      ort: { ...ort, Tensor: ort.Tensor, InferenceSession: { create } },
    } as unknown as OnnxRuntime;
    await run({ cacheDir, block: 1 }, full);
    expect(await readdir(cacheDir)).toEqual(['a file']);
  });
});

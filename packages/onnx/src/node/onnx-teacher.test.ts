import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lowerGraph } from '../lower/lower-graph.ts';
import { traceFunction } from '../trace/trace-function.ts';
import { onnxTeacher } from './onnx-teacher.ts';

const SHAPE = [4, 6, 5, 3]; // NHWC
const CLASSES = 7;
let folder: string;
let want: Float32Array;
let images: { data: Float32Array; shape: number[] };
const paths: Record<'nhwc' | 'nchw' | 'gray' | 'flat' | 'two', string> = {
  nhwc: '',
  nchw: '',
  gray: '',
  flat: '',
  two: '',
};

async function save(name: keyof typeof paths, bytes: Uint8Array): Promise<void> {
  paths[name] = join(folder, `${name}.onnx`);
  await writeFile(paths[name], bytes);
}

beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'kd-teacher-'));
  const weights = tf.randomNormal<tf.Rank.R2>([90, CLASSES], 0, 1, 'float32', 1);
  const network = (x: tf.Tensor) => ({ logits: tf.matMul(tf.reshape(x, [SHAPE[0]!, 90]), weights) });
  const float32 = (shape: readonly number[]) => ({ shape, dtype: 'float32' }) as const;
  const graph = traceFunction(network as never, [float32(SHAPE)]);
  await save('nhwc', lowerGraph(graph, { block: 1 }).bytes);
  await save('nchw', lowerGraph(graph, { block: 1 }, { inputLayouts: { argument0: 'nchw' } }).bytes);
  const plain = (fn: (x: tf.Tensor, y?: tf.Tensor) => tf.Tensor, ...shapes: number[][]) =>
    lowerGraph(traceFunction(fn as never, shapes.map(float32)), { block: 1 }).bytes;
  await save(
    'gray',
    plain((x) => tf.neg(x), [2, 1, 4, 1]),
  );
  await save(
    'flat',
    plain((x) => tf.neg(x), [2, 9]),
  );
  await save(
    'two',
    plain((x, y) => tf.add(x, y!), [2, 3], [2, 3]),
  );
  const tensor = tf.randomNormal(SHAPE, 0, 1, 'float32', 2);
  images = { data: (await tensor.data()) as Float32Array, shape: SHAPE };
  want = network(tensor).logits.dataSync() as Float32Array;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const batchOf = (given: { data: Float32Array | Uint8Array; shape: number[] }) => ({
  ids: Uint32Array.from({ length: given.shape[0]! }, (_, i) => i),
  images: given,
});

describe('onnxTeacher', () => {
  it.each(['nhwc', 'nchw'] as const)('gives the logits of a file that takes %s', async (layout) => {
    const teacher = await onnxTeacher(paths[layout]);
    const got = await teacher.logits(batchOf(images));
    expect(got).toHaveLength(SHAPE[0]! * CLASSES);
    got.forEach((logit, i) => {
      expect(logit).toBeCloseTo(want[i]!, 4);
    });
    await teacher.release();
  });

  it.each([
    ['vit', 'all of its dimensions open, as optimum has them'],
    ['resnet', 'an open batch'],
  ])('gives the logits of a %s that PyTorch wrote, with %s', async (name) => {
    const fixtures = new URL('../../fixtures/', import.meta.url);
    const expected = JSON.parse(await readFile(new URL('teachers.json', fixtures), 'utf8'));
    const teacher = await onnxTeacher(fileURLToPath(new URL(`${name}.onnx`, fixtures)));
    const { shape } = expected;
    const got = await teacher.logits(batchOf({ data: Float32Array.from(expected.images), shape }));
    expect(got).toHaveLength(shape[0] * 5);
    got.forEach((logit, i) => {
      expect(logit).toBeCloseTo(expected.logits[name][i], 4);
    });
    await teacher.release();
  });

  it('has the SHA-256 of its file', async () => {
    const [one, same, other] = [
      await onnxTeacher(paths.nhwc),
      await onnxTeacher(paths.nhwc),
      await onnxTeacher(paths.nchw),
    ];
    expect(await one.fingerprint()).toMatch(/^[0-9a-f]{64}$/);
    expect(await same.fingerprint()).toBe(await one.fingerprint());
    expect(await other.fingerprint()).not.toBe(await one.fingerprint());
    for (const teacher of [one, same, other]) await teacher.release();
  });

  it('takes the images that are for the teacher', async () => {
    const teacher = await onnxTeacher(paths.nhwc);
    const student = { data: new Float32Array(4 * 12), shape: [4, 2, 2, 3] };
    expect(await teacher.logits({ ...batchOf(student), teacherImages: images })).toEqual(
      await teacher.logits(batchOf(images)),
    );
    await teacher.release();
  });

  it('normalises uint8 images', async () => {
    const normalization = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.1] };
    const pixels = Uint8Array.from(images.data, (value) => Math.abs(Math.round(50 * value)) % 256);
    const ready = Float32Array.from(
      pixels,
      (pixel, i) => (pixel / 255 - normalization.mean[i % 3]!) / normalization.std[i % 3]!,
    );
    const teacher = await onnxTeacher(paths.nchw, { normalization });
    const expected = await teacher.logits(batchOf({ data: ready, shape: SHAPE }));
    const got = await teacher.logits(batchOf({ data: pixels, shape: SHAPE }));
    got.forEach((logit, i) => {
      expect(logit).toBeCloseTo(expected[i]!, 3);
    });
    await teacher.release();
  });

  it('takes classes that are said to it, and its own output', async () => {
    const classNames = ['a', 'b'];
    const teacher = await onnxTeacher(paths.nhwc, { classNames, output: 'logits' });
    expect(teacher.classNames).toEqual(classNames);
    await teacher.release();
  });

  it.each<[string, () => Promise<unknown>, string, RegExp]>([
    ['a file that is not there', () => onnxTeacher('none.onnx'), 'NOT_FOUND', /there is no file 'none\.onnx'/],
    [
      'a file that is none',
      () => onnxTeacher(fileURLToPath(import.meta.url)),
      'INVALID_DATA',
      /ONNX Runtime cannot read '.*onnx-teacher\.test\.ts': .+/,
    ],
    ['features', () => onnxTeacher(paths.flat), 'UNSUPPORTED', /takes 'argument0' of shape \[2,9\]; images are/],
    ['two inputs', () => onnxTeacher(paths.two), 'UNSUPPORTED', /has the inputs argument0, argument1; export it/],
    [
      'an input that tells no layout',
      () => onnxTeacher(paths.gray),
      'UNSUPPORTED',
      /of shape \[2,1,4,1\], which tells no layout; say layout: 'nchw' or 'nhwc'/,
    ],
    [
      'another output',
      () => onnxTeacher(paths.nhwc, { output: 'features' }),
      'NOT_FOUND',
      /has no output 'features', it has logits/,
    ],
    [
      'images of another size',
      async () => {
        const teacher = await onnxTeacher(paths.nchw);
        return teacher.logits(batchOf({ data: new Float32Array(4 * 5 * 5 * 3), shape: [4, 5, 5, 3] }));
      },
      'SHAPE_MISMATCH',
      /takes 'argument0' of shape \[4,3,6,5\] \(nchw\), the batch has \[4,3,5,5\]; resize/,
    ],
    [
      'an output that is no logits',
      async () => {
        const teacher = await onnxTeacher(paths.gray, { layout: 'nhwc' });
        return teacher.logits(batchOf({ data: new Float32Array(8), shape: [2, 1, 4, 1] }));
      },
      'SHAPE_MISMATCH',
      /output 'result0' of '.*' is float32 \[2,1,4,1\] for 2 images; logits are float32 \[2, classes\]/,
    ],
    [
      'uint8 images without a normalisation',
      async () => {
        const teacher = await onnxTeacher(paths.nhwc);
        return teacher.logits(batchOf({ data: new Uint8Array(360), shape: SHAPE }));
      },
      'INVALID_ARGUMENT',
      /onnxTeacher: uint8 images/,
    ],
  ])('refuses %s', async (_, call, code, message) => {
    await expect(call()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

import { expect, it } from 'vitest';
import { encodeModel } from '../onnx-file/encode-model.ts';
import type { OnnxModel } from '../onnx-file/onnx-model.ts';
import { bind, openSession } from './open-session.ts';
import { runInPlace, withoutCopies } from './run-in-place.ts';
import { loadOnnxRuntime } from './runtime.ts';

const SIZE = 1 << 20;
const port = { shape: [SIZE], type: 'float32' } as const;
const model: OnnxModel = {
  nodes: [{ op: 'Neg', domain: '', ins: ['x'], outs: ['y'], attributes: {}, label: 'negative' }],
  constants: [],
  inputs: [{ ...port, name: 'x' }],
  outputs: [{ ...port, name: 'y' }],
};

it('writes the arrays that it is given, makes no others, and throws what went wrong', async () => {
  const runtime = await loadOnnxRuntime();
  const session = await openSession(runtime, encodeModel(withoutCopies(model)), { threads: 1 });
  const [x, y] = [new Float32Array(SIZE).fill(3), new Float32Array(SIZE)];
  const tensor = (data: Float32Array, size = SIZE) => bind(runtime, { shape: [size], dtype: 'float32' }, data);
  const [feeds, fetches] = [{ x: tensor(x) }, { y: tensor(y) }];
  await runInPlace(session, feeds, fetches);
  expect(y.every((value) => value === -3)).toBe(true);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 5; i++) await runInPlace(session, feeds, fetches);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(SIZE);
  const results = await session.run(feeds, ['y']);
  expect((results.y!.data as Float32Array)[0]).toBe(-3);
  await expect(runInPlace(session, { x: tensor(new Float32Array(2), 2) }, fetches)).rejects.toThrow(
    /invalid dimensions/i,
  );
  await session.release();
});

it('needs no error where sequences can be read', async () => {
  await expect(runInPlace({ run: async () => ({}) }, {}, {})).resolves.toBeUndefined();
});

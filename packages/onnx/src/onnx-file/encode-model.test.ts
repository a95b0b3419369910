import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { encodeModel } from './encode-model.ts';
import type { OnnxModel, OnnxNode } from './onnx-model.ts';

const node = (op: string, ins: string[], outs: string[], attributes: OnnxNode['attributes'] = {}, domain = '') => ({
  op,
  domain,
  ins,
  outs,
  attributes,
  label: outs[0]!,
});

/** Every type of attribute and constant, two domains, a size of any number. */
const model: OnnxModel = {
  nodes: [
    node('Gemm', ['x', 'w'], ['product'], { alpha: { float: 0.5 }, transB: 1 }), // float, integer
    node('Transpose', ['product'], ['turned'], { perm: [1, 0] }), // integers
    node('Einsum', ['turned'], ['sums'], { equation: 'ij->j' }), // string
    node('FusedMatMul', ['x', 'w'], ['fused'], { transB: 1, alpha: { float: 2 } }, 'com.microsoft'),
    node('Where', ['flags', 'x', 'zero'], ['chosen']),
    node('Gather', ['x', 'at'], ['gathered'], { axis: 1 }),
    node('Reshape', ['x', 'flat'], ['reshaped']),
  ],
  constants: [
    { name: 'w', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: 'flags', shape: [2], data: Uint8Array.of(1, 0) },
    { name: 'zero', shape: [], data: Float32Array.of(-7) },
    { name: 'at', shape: [1], data: Int32Array.of(-1) },
    { name: 'flat', shape: [1], data: BigInt64Array.of(-1n) },
  ],
  inputs: [{ name: 'x', shape: ['batch', 2], type: 'float32' }],
  outputs: [
    { name: 'sums', shape: ['batch'], type: 'float32' },
    { name: 'fused', shape: ['batch', 3], type: 'float32' },
    { name: 'chosen', shape: ['batch', 2], type: 'float32' },
    { name: 'gathered', shape: ['batch', 1], type: 'float32' },
    { name: 'reshaped', shape: ['values'], type: 'float32' },
  ],
};

it('writes what ONNX Runtime reads', async () => {
  const session = await ort.InferenceSession.create(encodeModel(model));
  const results = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]) });
  const values = Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, [...(data as Float32Array)]]),
  );
  expect(values).toEqual({
    sums: [16.5, 37.5], // (5 + 11 + 17) / 2, (11 + 25 + 39) / 2
    fused: [10, 22, 34, 22, 50, 78],
    chosen: [1, -7, 3, -7],
    gathered: [2, 4],
    reshaped: [1, 2, 3, 4],
  });
  await session.release();
});

it('gives the same bytes for the same model', () => {
  expect(encodeModel(structuredClone(model))).toEqual(encodeModel(model));
});

it('refuses what a file cannot hold', () => {
  const data = { byteLength: 2 ** 31, BYTES_PER_ELEMENT: 4 } as Float32Array;
  const large = { ...model, constants: [{ name: 'w', shape: [2 ** 29], data }] };
  expect(() => encodeModel(large)).toThrow('encodeModel: 2147483648 bytes of constants');
});

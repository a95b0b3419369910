import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { OnnxConstant, OnnxModel, OnnxNode } from '../onnx-file/onnx-model.ts';
import { floats, shapes } from '../testing/kernel-cases.ts';
import { foldConstants } from './fold-constants.ts';

beforeAll(() => tf.setBackend('cpu'));

const node = (op: string, ins: string[], outs: string[], attributes: OnnxNode['attributes'] = {}): OnnxNode => ({
  op,
  domain: '',
  ins,
  outs,
  attributes,
  label: outs[0]!,
});

const constant = (name: string, shape: readonly number[], values: readonly number[]): OnnxConstant => ({
  name,
  shape,
  data: Float32Array.from(values),
});

/** `y = x + (what the nodes make of the constants)`. */
const fold = (nodes: readonly OnnxNode[], constants: readonly OnnxConstant[]): OnnxModel =>
  foldConstants({ nodes: [...nodes, node('Add', ['x', 'made'], ['y'])], constants, inputs: [], outputs: [] });

it('transposes as TF.js does', () => {
  const cases = shapes(1).chain((shape) =>
    fc.tuple(floats(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
  );
  fc.assert(
    fc.property(cases, ([{ shape, values }, perm]) => {
      const { nodes, constants } = fold([node('Transpose', ['w'], ['made'], { perm })], [constant('w', shape, values)]);
      const expected = tf.transpose(tf.tensor(values as number[], [...shape]), perm);
      expect(nodes.map(({ op }) => op)).toEqual(['Add']);
      expect(constants).toEqual([{ name: 'made', shape: expected.shape, data: expected.dataSync() }]);
    }),
  );
});

it('computes the factor of a batch-norm', () => {
  const nodes = [
    node('Add', ['variance', 'epsilon'], ['moved']),
    node('Sqrt', ['moved'], ['deviation']),
    node('Reciprocal', ['deviation'], ['inverse']),
    node('Mul', ['gamma', 'inverse'], ['made']),
  ];
  const constants = [constant('variance', [2], [3, 8]), constant('epsilon', [], [1]), constant('gamma', [2], [4, 6])];
  expect(fold(nodes, constants).constants).toEqual([constant('made', [2], [2, 2])]);
});

it('leaves what depends on an input, and what it does not know', () => {
  const w = constant('w', [2], [1, 2]);
  expect(fold([node('Mul', ['x', 'w'], ['made'])], [w]).nodes).toHaveLength(2);
  expect(fold([node('Erf', ['w'], ['made'])], [w]).nodes).toHaveLength(2);
});

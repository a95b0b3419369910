import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { attention } from './attention.ts';
import { embeddingLookup } from './embedding-lookup.ts';
import { layerNorm } from './normalization/layer-norm.ts';
import { onEachBackend } from './testing/backends.ts';
import { expectMatchesReference } from './testing/check-op.ts';
import { OP_CASES, VALUE_CASES } from './testing/op-cases.ts';

onEachBackend('an op', () => {
  it.each([...OP_CASES, ...VALUE_CASES])('has the value and gradients of doubles: $name', (opCase) =>
    expectMatchesReference(opCase),
  );
});

it('names what does not fit', async () => {
  await tf.setBackend('cpu');
  const heads = tf.zeros<tf.Rank.R4>([1, 2, 3, 4]);
  expect(() => attention(heads, heads, tf.zeros([1, 2, 3, 5]))).toThrow(
    'attention: query [1,2,3,4] and value [1,2,3,5] must have the same shape',
  );
  expect(() => attention(tf.zeros([2, 3, 4] as never), heads, heads)).toThrow(
    'attention: query must be [batch, heads, tokens, depth], got [2,3,4]',
  );
  expect(() => embeddingLookup(tf.zeros([3, 2]), tf.zeros([2]))).toThrow(
    'embeddingLookup: indices must be int32, got float32',
  );
  expect(() => embeddingLookup(tf.zeros([3] as never), tf.zeros([2], 'int32'))).toThrow(
    'embeddingLookup: table must be [rows, depth], got [3]',
  );
  expect(() => layerNorm(tf.zeros([2, 3]), tf.zeros([2]), tf.zeros([3]))).toThrow(
    'layerNorm: gamma must have shape [3], the last dimension of x [2,3], got [2]',
  );
});

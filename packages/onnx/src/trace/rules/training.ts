import type { Rule, RuleTable, Shaped } from './rule.ts';

const like = ({ shape }: Shaped): Shaped => ({ shape, dtype: 'float32' });

/** The gradients of an input and of gamma and beta. */
const normalizationGrad: Rule = ({ x, gamma }) => [like(x!), like(gamma!), like(gamma!)];

const updated =
  (...names: string[]): Rule =>
  (inputs) =>
    names.flatMap((name) => (inputs[name] ? [like(inputs[name])] : []));

/**
 * The training kernels of docs/kernels.md. What they save for their own gradients is up to a backend; here it is:
 * - `KdBatchNorm`: its outputs `mean` and `variance` once more
 * - `KdLayerNorm`: mean and 1 / sqrt(variance + epsilon), [..., 1]
 * - `KdAttention`: the weights `softmax(scale query key')`, [batch, heads, tokens, tokens]
 */
export const TRAINING: RuleTable = {
  KdBatchNorm: ({ x, gamma }) => [like(x!), like(gamma!), like(gamma!)],
  KdBatchNormGrad: normalizationGrad,
  KdRelu6Grad: ({ dy }) => like(dy!),
  KdLayerNorm: ({ x }) => {
    const row: Shaped = { shape: [...x!.shape.slice(0, -1), 1], dtype: 'float32' };
    return [like(x!), row, row];
  },
  KdLayerNormGrad: normalizationGrad,
  KdGelu: ({ x }) => like(x!),
  KdGeluGrad: ({ x }) => like(x!),
  KdAttention: ({ query, key }) => [
    like(query!),
    { shape: [...query!.shape.slice(0, -1), key!.shape.at(-2)!], dtype: 'float32' },
  ],
  KdAttentionGrad: ({ query, key, value }) => [like(query!), like(key!), like(value!)],
  KdSgd: updated('value', 'velocity'),
  KdAdam: updated('value', 'firstMoment', 'secondMoment'),
  KdEma: ({ average }) => like(average!),
};

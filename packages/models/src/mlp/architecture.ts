import type { Architecture } from '../architectures/architecture.ts';
import { BATCH_NORM_DEFAULTS } from '../layers/batch-normalization.ts';
import { splitName } from '../weights/table.ts';
import { initialize, type MlpInitializer } from './initialize.ts';
import { buildMlp, type MlpConfig, resolveMlp } from './mlp.ts';

/** MLPs in the manner of Hugging Face's files; transformers has no such class. */
export const MLP: Architecture<MlpConfig> = {
  modelType: 'mlp',
  heads: ['logits'],
  build: ({ maxNorm, ...config }) => buildMlp(resolveMlp({ ...config, ...(maxNorm ? { maxNorm } : {}) })),
  leastWeights({ inputShape, hiddenSizes, classNames }) {
    const sizes = [inputShape.reduce((a, b) => a * b, 1), ...hiddenSizes, classNames.length];
    return sizes.slice(1).reduce((sum, size, i) => sum + sizes[i]! * size, 0);
  },
  initialize: (variables, config, seed) => initialize(variables, config.initializer, seed),
  rule(variable) {
    const { layer, weight, theirs } = splitName(variable);
    return { name: `${layer}.${theirs}`, layout: weight === 'kernel' ? 'linear' : 'same' };
  },
  readConfig(fields, classNames) {
    const hasBatchNorm = fields.get('batch_norm', 'boolean', false);
    const maxNorm = fields.get('max_norm', 'number', 0);
    return {
      modelType: 'mlp',
      inputShape: fields.get('input_shape', 'numbers', [28, 28, 1]) as [number, number, number],
      hiddenSizes: fields.get('hidden_sizes', 'numbers', []),
      classNames,
      batchNorm: hasBatchNorm && {
        momentum: fields.get('batch_norm_momentum', 'number', BATCH_NORM_DEFAULTS.momentum),
        epsilon: fields.get('batch_norm_eps', 'number', BATCH_NORM_DEFAULTS.epsilon),
        unbiasedVariance: fields.get('unbiased_variance', 'boolean', BATCH_NORM_DEFAULTS.unbiasedVariance),
      },
      dropout: fields.get('dropout', 'number', 0),
      maxNorm: maxNorm !== 0 && maxNorm,
      initializer: fields.get('initializer', 'string', 'heNormal') as MlpInitializer,
    };
  },
  writeConfig: ({ inputShape, hiddenSizes, batchNorm, dropout, maxNorm, initializer }) => ({
    input_shape: inputShape,
    hidden_sizes: hiddenSizes,
    batch_norm: batchNorm !== false,
    ...(batchNorm
      ? {
          batch_norm_momentum: batchNorm.momentum,
          batch_norm_eps: batchNorm.epsilon,
          unbiased_variance: batchNorm.unbiasedVariance,
        }
      : {}),
    dropout,
    max_norm: maxNorm || 0,
    initializer,
  }),
};

/**
 * What one import from a package may add to a user's bundle: bytes of minified code after Brotli, TF.js not counted.
 * `each` holds for every export that has no line of its own. `brings` are other exports that one is made of.
 *
 * @typedef {{ bytes?: number, brings?: string[] }} ExportBudget
 * @type {Readonly<Record<string, { each: number, exports: Readonly<Record<string, ExportBudget>> }>>}
 */
export const BUDGETS = {
  '@kd/losses': {
    each: 1700,
    exports: {
      klDivergenceLoss: { bytes: 1000 },
      reviewConnector: { bytes: 2000 },
    },
  },
  '@kd/metrics': {
    each: 1600,
    exports: {
      bootstrapInterval: { bytes: 2100 }, // with the random numbers of @kd/core
      ClassificationAccumulator: { bytes: 2200 },
      computeMetrics: { bytes: 2200, brings: ['confusionMatrix', 'predictions'] },
      crossedTTest: { brings: ['meanAndInterval'] },
      pairedBootstrap: { bytes: 2200 },
      pairedTTest: { brings: ['meanAndInterval'] },
    },
  },
};

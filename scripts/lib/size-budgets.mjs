/**
 * What one import from a portable entry may add to a user's bundle: bytes of minified code after Brotli, TF.js not counted.
 * `each` holds for every export that has no line of its own. `namesTell`: functions hand their name on to the checks of their
 * arguments, so that a name in a bundle shows whose code it has; then `brings` are other exports that one is made of.
 *
 * @typedef {{ bytes?: number, brings?: string[] }} ExportBudget
 * @type {Readonly<Record<string, { each: number, namesTell?: boolean, exports: Readonly<Record<string, ExportBudget>> }>>}
 */
export const BUDGETS = {
  '@kd/losses': {
    each: 1850, // 135 of it: the sentence for whoever has not imported TF.js' gradients
    namesTell: true,
    exports: {
      klDivergenceLoss: { bytes: 1150 },
      reviewConnector: { bytes: 2100 },
    },
  },
  '@kd/metrics': {
    each: 1600,
    namesTell: true,
    exports: {
      bootstrapInterval: { bytes: 2100 }, // with the random numbers of @kd/core
      ClassificationAccumulator: { bytes: 2200 },
      computeMetrics: { bytes: 2200, brings: ['confusionMatrix', 'predictions'] },
      crossedTTest: { brings: ['meanAndInterval'] },
      pairedBootstrap: { bytes: 2200 },
      pairedTTest: { brings: ['meanAndInterval'] },
    },
  },
  '@kd/core': {
    each: 1100,
    exports: {
      openPytorch: { bytes: 6300 }, // unzips, and reads pickles
      openSafetensors: { bytes: 2600 },
      readSafetensors: { bytes: 2400 },
      safetensorsParts: { bytes: 1900 },
      shardTensors: { bytes: 1600 },
      writeSafetensors: { bytes: 1900 },
    },
  },
  '@kd/ops': {
    each: 1100,
    exports: {
      conv2d: { bytes: 2300 }, // three gradients, and the shapes of all paddings
      depthwiseConv2d: { bytes: 2300 },
      maxPool: { bytes: 2200 },
    },
  },
  '@kd/models': {
    each: 9500, // our layers and initialisers, which every architecture is made of
    exports: {
      // All architectures: which one it is, only the configuration says.
      fromConfig: { bytes: 18500 },
      loadPretrained: { bytes: 18500 },
      modelCard: { bytes: 18500 },
      replaceHead: { bytes: 18500 },
      toPretrained: { bytes: 18500 },
    },
  },
  '@kd/data': {
    each: 2000,
    exports: {
      applyAugmentation: { bytes: 8000 }, // all steps
      augmentation: { bytes: 9000 },
      createProcessor: { bytes: 6700 },
      dataLoader: { bytes: 7300 },
      processorForSize: { bytes: 7000 },
      randomSplit: { bytes: 2400 },
      resizeImage: { bytes: 3900 },
      stratifiedSplit: { bytes: 2700 },
      trainValidationTest: { bytes: 3000 },
    },
  },
  '@kd/backend': { each: 2200, exports: { completeWasm: { bytes: 11200 } } }, // our WebAssembly
  '@kd/onnx': { each: 9500, exports: { toOnnx: { bytes: 34000 } } }, // every operator that there is a translation of
  '@kd/train': {
    each: 2400,
    exports: {
      cachedTeacher: { bytes: 5600 },
      deitDistillation: { bytes: 2900 },
      distillation: { bytes: 3100 },
      evaluate: { bytes: 4000 },
      featureDistillation: { bytes: 3800 },
      multiTeacherDistillation: { bytes: 4200 },
      resolveArguments: { bytes: 4800 },
      tfjsEngine: { bytes: 3000 },
      train: { bytes: 14500 },
    },
  },
  '@kd/train/report': {
    each: 1200,
    // A file of its own has the styles in it.
    exports: {
      curveFigure: { bytes: 2700 },
      curveSvg: { bytes: 5500 },
      page: { bytes: 3600 },
      scatterChart: { bytes: 2000 },
    },
  },
};

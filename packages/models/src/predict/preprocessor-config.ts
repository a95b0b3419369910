import type { LayersModel } from '@tensorflow/tfjs-layers';

/** What a `preprocessor_config.json` of Hugging Face holds: how photographs become what a model takes. */
export type PreprocessorConfig = Readonly<Record<string, unknown>>;

/**
 * How images are prepared for a model, or undefined if nobody said. `fromPretrained` takes it from the folder or repository;
 * it travels in the model's user-defined metadata, so that `saveModel` and `savePretrained` keep it.
 *
 * @example
 * import { getPreprocessorConfig, mlp, setPreprocessorConfig } from '@kd/models';
 * const model = mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] });
 * setPreprocessorConfig(model, { image_processor_type: 'ViTImageProcessor', size: { height: 28, width: 28 } });
 * console.log(getPreprocessorConfig(model)?.image_processor_type); // ViTImageProcessor
 */
export function getPreprocessorConfig(model: LayersModel): PreprocessorConfig | undefined {
  return (model.getUserDefinedMetadata() as { preprocessor?: PreprocessorConfig } | undefined)?.preprocessor;
}

/**
 * Says how images are prepared for a model: for a student, the `config` of the processor that it was trained with.
 *
 * @param config as `preprocessor_config.json` has it
 */
export function setPreprocessorConfig(model: LayersModel, config: PreprocessorConfig): void {
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), preprocessor: config });
}

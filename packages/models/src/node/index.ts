export { fileHandler } from './file-handler.ts';
export type { FromPretrainedOptions } from './from-pretrained.ts';
export { fromPretrained } from './from-pretrained.ts';
export type { ImageBatch, PredictOptions } from './predict/predict.ts';
export { predict } from './predict/predict.ts';
export type { ImageInput, PixelProcessor, ReadPixelsOptions } from './predict/read-pixels.ts';
export { loadModel, saveModel } from './save-model.ts';
export type { SavePretrainedOptions } from './save-pretrained.ts';
export { savePretrained } from './save-pretrained.ts';

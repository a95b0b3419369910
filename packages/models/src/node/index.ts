export { fileHandler } from './file-handler.ts';
export type { FromPretrainedOptions } from './from-pretrained.ts';
export { fromPretrained } from './from-pretrained.ts';
export { loadModel, saveModel } from './save-model.ts';
export type { SavePretrainedOptions } from './save-pretrained.ts';
export { savePretrained } from './save-pretrained.ts';

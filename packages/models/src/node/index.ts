export { fileHandler } from './file-handler.ts';
export { loadModel, saveModel } from './save-model.ts';

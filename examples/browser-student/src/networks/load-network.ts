import { type ImageArray, KdError, openPytorch, openSafetensors, openShards, type TensorFile } from '@kd/core';
import { createProcessor } from '@kd/data';
import { countParameters, getModelConfig, loadPretrained } from '@kd/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { WEIGHT_FILES } from './find-networks.ts';
import { blobSource, type Folder, readFile, readJson } from './folder.ts';
import { loadLayersModel } from './load-layers-model.ts';
import { computeLogits, describe, type Network } from './network.ts';

/** How images become what a network takes: the part of a `Network` that its files tell. */
type Preparation = Pick<Network, 'imageShape' | 'look' | 'prepare'>;

/** As `preprocessor_config.json` says: the pixels and numbers of the Python class. */
async function processorOf(folder: Folder): Promise<Preparation> {
  if (!folder.has('preprocessor_config.json')) {
    throw new KdError(
      'NOT_FOUND',
      'loadNetwork: there is no preprocessor_config.json to say how its images are prepared',
    );
  }
  const processor = createProcessor(await readJson(folder, 'preprocessor_config.json'));
  return {
    imageShape: processor.imageShape,
    look: processor.resize,
    prepare: (image) => processor.process(image).data as Float32Array,
  };
}

/** As the MNIST example writes it down beside its models: `(pixel / 255 - mean) / std`, of images of the input's size. */
function normalizationOf(model: LayersModel): Preparation {
  const { normalization } = (model.getUserDefinedMetadata() ?? {}) as { normalization?: { mean: number; std: number } };
  const imageShape = model.inputs[0]!.shape.slice(1) as [number, number, number];
  if (!normalization || imageShape.length !== 3 || imageShape[2] !== 1) {
    throw new KdError('NOT_FOUND', 'loadNetwork: the model does not say how its images are prepared');
  }
  const { mean, std } = normalization;
  const look = (image: ImageArray): ImageArray => {
    if (image.shape.join() === imageShape.join()) return image;
    throw new KdError(
      'SHAPE_MISMATCH',
      `loadNetwork: the image is [${image.shape}], the network's are [${imageShape}]`,
    );
  };
  const prepare = (image: ImageArray): Float32Array =>
    Float32Array.from(look(image).data, (pixel) => (pixel / 255 - mean) / std);
  return { imageShape, look, prepare };
}

interface Weights {
  file: TensorFile;
  bytes: number;
}

async function openWeights(folder: Folder): Promise<Weights> {
  const name = WEIGHT_FILES.find((each) => folder.has(each));
  if (!name) throw new KdError('NOT_FOUND', `loadNetwork: there are no weights; looked for ${WEIGHT_FILES.join(', ')}`);
  let bytes = 0;
  const open = async (part: string): Promise<TensorFile> => {
    const blob = await readFile(folder, part);
    bytes += blob.size;
    return part.endsWith('.safetensors') ? openSafetensors(blobSource(blob)) : openPytorch(blobSource(blob));
  };
  if (!name.endsWith('.index.json')) return { file: await open(name), bytes };
  return { file: await openShards(await (await readFile(folder, name)).text(), open), bytes };
}

async function loadModel(folder: Folder): Promise<{ model: LayersModel; bytes: number; preparation: Preparation }> {
  if (folder.has('model.json')) {
    const { model, bytes } = await loadLayersModel(folder);
    const asProcessor = folder.has('preprocessor_config.json');
    return { model, bytes, preparation: asProcessor ? await processorOf(folder) : normalizationOf(model) };
  }
  const preparation = await processorOf(folder);
  const { file, bytes } = await openWeights(folder);
  try {
    return { model: await loadPretrained(await readJson(folder, 'config.json'), file), bytes, preparation };
  } finally {
    await file.close();
  }
}

/**
 * The network in a folder, on the current backend.
 *
 * Takes what `npm start` of the MNIST example writes (TF.js' LayersModels with their normalisation) and what `savePretrained` and
 * Python's `save_pretrained` write, with its `preprocessor_config.json`.
 *
 * @throws {KdError} if something is missing or damaged, of an architecture that is not known, or not said how images are prepared
 */
export async function loadNetwork(folder: Folder): Promise<Network> {
  const { model, bytes, preparation } = await loadModel(folder);
  return {
    description: describe(model),
    classNames: getModelConfig(model).classNames,
    parameters: countParameters(model),
    bytes,
    ...preparation,
    logits: (prepared) => computeLogits(model, preparation.imageShape, prepared),
    dispose: () => model.dispose(),
  };
}

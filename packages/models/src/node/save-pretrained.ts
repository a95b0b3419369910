import { safetensorsParts, shardTensors } from '@kd/core';
import { type FileContent, writeFolderAtomic } from '@kd/core/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { toPretrained } from '../architectures/to-pretrained.ts';
import { type ModelCardOptions, modelCard } from '../model-card/model-card.ts';
import { getPreprocessorConfig } from '../predict/preprocessor-config.ts';

export interface SavePretrainedOptions {
  /** Largest size of a file of weights, in bytes. @default 5e9 */
  maxShardBytes?: number;
  /** Writes a `README.md` for the Hub, see `modelCard`. @default none */
  card?: ModelCardOptions;
  /** More files for the folder by name. @default {} */
  files?: Readonly<Record<string, FileContent>>;
}

/**
 * Saves a model in a folder as Hugging Face does, so that Python's `AutoModelForImageClassification.from_pretrained` and
 * our `fromPretrained` read it: `config.json` and `model.safetensors`, or shards with their index. The folder appears whole
 * or not at all; an older one of that name is replaced. A model that knows how its images are prepared
 * (`setPreprocessorConfig`) gets a `preprocessor_config.json` too.
 *
 * MLPs and CIFAR ResNets are no architectures of transformers: only `fromPretrained` reads them.
 *
 * @throws {KdError} NOT_FOUND for a model that was not made by this package
 *
 * @example
 * import { readdir } from 'node:fs/promises';
 * import { resnet } from '@kd/models';
 * import { savePretrained } from '@kd/models/node';
 * const model = resnet({ embeddingSize: 8, hiddenSizes: [8, 16], depths: [1, 1], classNames: ['cat', 'dog'] });
 * await savePretrained(model, 'student');
 * console.log(await readdir('student')); // [ 'config.json', 'model.safetensors' ]
 */
export async function savePretrained(
  model: LayersModel,
  folder: string,
  { maxShardBytes, card, files = {} }: SavePretrainedOptions = {},
): Promise<void> {
  const { config, tensors } = await toPretrained(model);
  const { files: shards, index } = shardTensors(tensors, maxShardBytes === undefined ? {} : { maxShardBytes });
  const weights = shards.map(({ file, tensors: shard }) => [file, safetensorsParts(shard, { format: 'pt' })]);
  const preprocessor = getPreprocessorConfig(model);
  const json = (content: unknown): string => `${JSON.stringify(content, null, 2)}\n`;
  await writeFolderAtomic(folder, {
    ...(preprocessor ? { 'preprocessor_config.json': json(preprocessor) } : {}),
    ...(card ? { 'README.md': modelCard(model, card) } : {}),
    ...files,
    'config.json': json(config),
    ...Object.fromEntries(weights),
    ...(index ? { [index.file]: index.content } : {}),
  });
}

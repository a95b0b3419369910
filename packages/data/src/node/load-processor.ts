import { readFile } from 'node:fs/promises';
import { KdError } from '@kd/core';
import { type HubOptions, openRepo, type Repo } from '@kd/core/node';
import { CLASS_OF_MODEL } from '../processors/classes.ts';
import { createProcessor } from '../processors/create-processor.ts';
import type { ImageProcessor } from '../processors/image-processor.ts';
import type { ProcessorConfig } from '../processors/settings.ts';

async function readJson(repo: Repo, file: string): Promise<ProcessorConfig> {
  const path = await repo.file(file);
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = (error as Error).message;
    throw new KdError('INVALID_DATA', `loadProcessor: ${path} is not JSON: ${reason}`, { path }, { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new KdError('INVALID_DATA', `loadProcessor: ${path} does not hold a JSON object`, { path });
  }
  return parsed as ProcessorConfig;
}

/** Early configurations name no class: it then follows from the model's kind, as in Python's AutoImageProcessor. */
async function withClass(repo: Repo, config: ProcessorConfig): Promise<ProcessorConfig> {
  const { image_processor_type: type, feature_extractor_type: oldType } = config;
  if (type ?? oldType) return config;
  const { model_type: kind } = await readJson(repo, 'config.json');
  const ofModel = typeof kind === 'string' && Object.hasOwn(CLASS_OF_MODEL, kind) ? CLASS_OF_MODEL[kind] : undefined;
  if (ofModel) return { ...config, image_processor_type: ofModel };
  const known = Object.keys(CLASS_OF_MODEL).join(', ');
  throw new KdError(
    'UNSUPPORTED',
    `loadProcessor: preprocessor_config.json names no class, and model_type '${kind}' is none of ${known}`,
    { model_type: kind },
  );
}

/**
 * Loads the image processor of a model: `preprocessor_config.json` of a folder, or of a repository on the Hugging Face
 * Hub, from the cache that Python uses.
 *
 * @param model folder, or `org/name`
 * @param options revision, cache and access, as `openRepo` of `@kd/core/node`
 * @throws {KdError} NOT_FOUND if there is no such model or it has no `preprocessor_config.json`; otherwise as `openRepo`
 *   and `createProcessor`
 *
 * @example
 * import { writeFileAtomic } from '@kd/core/node';
 * import { loadProcessor } from '@kd/data/node';
 * await writeFileAtomic('my-model/preprocessor_config.json', '{"feature_extractor_type": "ViTFeatureExtractor", "size": 96}');
 * const processor = await loadProcessor('my-model'); // or 'google/vit-base-patch16-224'
 * console.log(processor.imageShape); // [ 96, 96, 3 ]
 */
export async function loadProcessor(model: string, options: HubOptions = {}): Promise<ImageProcessor> {
  const repo = await openRepo(model, options);
  return createProcessor(await withClass(repo, await readJson(repo, 'preprocessor_config.json')));
}

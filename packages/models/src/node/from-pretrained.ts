import { readFile } from 'node:fs/promises';
import { KdError, type TensorFile } from '@kd/core';
import { type HubOptions, openRepo, openTensors, type Repo, withAdvice } from '@kd/core/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildFor } from '../architectures/from-config.ts';
import { type LoadPretrainedOptions, loadPretrainedFor } from '../architectures/load-pretrained.ts';
import { type PreprocessorConfig, setPreprocessorConfig } from '../predict/preprocessor-config.ts';

export interface FromPretrainedOptions extends LoadPretrainedOptions, Omit<HubOptions, 'type'> {
  /** Whether to load them; without, they are drawn by `seed`, as transformers' `from_config` does: a student. @default true */
  weights?: boolean;
}

/** In the order in which Python's transformers looks for them. */
const WEIGHT_FILES = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
];

const FOLDER_INSTEAD =
  'or put config.json, model.safetensors or pytorch_model.bin, and preprocessor_config.json into a folder, and pass that';

const PREPROCESSOR = 'preprocessor_config.json';

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KdError('INVALID_DATA', `fromPretrained: '${path}' is not JSON`, { path }, { cause });
  }
}

/** The place of the weights; the shards that an index names are fetched too. */
async function weightsOf(repo: Repo, files: ReadonlySet<string>, id: string): Promise<string> {
  const name = WEIGHT_FILES.find((each) => files.has(each));
  if (!name) {
    const message = `fromPretrained: '${id}' has no weights; looked for ${WEIGHT_FILES.join(', ')}`;
    throw new KdError('NOT_FOUND', message, { id });
  }
  const path = await repo.file(name);
  if (name.endsWith('.index.json')) {
    const index = (await readJson(path)) as { weight_map?: Record<string, string> } | null;
    for (const shard of new Set(Object.values(index?.weight_map ?? {}))) await repo.file(String(shard));
  }
  return path;
}

async function preprocessorOf(repo: Repo, files: ReadonlySet<string>): Promise<PreprocessorConfig | undefined> {
  if (!files.has(PREPROCESSOR)) return undefined;
  const path = await repo.file(PREPROCESSOR);
  const json = await readJson(path);
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as PreprocessorConfig;
  throw new KdError('INVALID_DATA', `fromPretrained: '${path}' is no object`, { path });
}

/**
 * A model of the Hugging Face Hub, or of a folder that Python's `save_pretrained` or our `savePretrained` wrote, ready to
 * predict and to be trained.
 *
 * Reads `config.json` and `model.safetensors`, its sharded form, or `pytorch_model.bin` and its sharded form. Tensors are
 * read one at a time straight into the model's variables, so that there is no second copy of the weights in memory. A
 * `preprocessor_config.json` beside them goes along with the model, for `predict`.
 *
 * @param idOrFolder `org/name`, or a folder: one that exists is meant first
 * @throws {KdError} UNSUPPORTED for an architecture or a field of config.json that is not supported, by name
 * @throws {KdError} MISMATCH if tensors are missing, too many, or of another shape, and the options do not allow it
 * @throws {KdError} NOT_FOUND, ACCESS_DENIED, UNAVAILABLE, INVALID_DATA as `openRepo` and `openTensors` say
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { fromPretrained, savePretrained } from '@kd/models/node';
 * await savePretrained(mlp({ hiddenSizes: [8], classNames: ['cat', 'dog'] }), 'student');
 * const model = await fromPretrained('student', {
 *   classNames: ['cat', 'dog', 'bird'],
 *   ignoreMismatchedSizes: true,
 *   onReport: ({ mismatched }) => console.log(mismatched.map(({ name }) => name)),
 * }); // [ 'logits.weight', 'logits.bias' ]
 * console.log(model.outputShape); // [ null, 3 ]
 */
export async function fromPretrained(idOrFolder: string, options: FromPretrainedOptions = {}): Promise<LayersModel> {
  const repo = await withAdvice(openRepo(idOrFolder, options), FOLDER_INSTEAD);
  const config = await readJson(await repo.file('config.json'));
  const files = new Set(await repo.list());
  const preprocessor = await preprocessorOf(repo, files);
  const model =
    options.weights === false
      ? buildFor('fromPretrained', config, options)
      : await withTensors(await weightsOf(repo, files, idOrFolder), (file) =>
          loadPretrainedFor('fromPretrained', config, file, options),
        );
  if (preprocessor) setPreprocessorConfig(model, preprocessor);
  return model;
}

async function withTensors<T>(path: string, use: (file: TensorFile) => Promise<T>): Promise<T> {
  const file = await openTensors(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

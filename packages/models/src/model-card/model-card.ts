import type { LayersModel } from '@tensorflow/tfjs-layers';
import { architectureOf } from '../architectures/registry.ts';
import { countParameters } from '../count-parameters.ts';
import { getModelConfig } from '../model-config.ts';
import { code, table, text } from './markdown.ts';
import { type YamlFields, yamlLines } from './yaml.ts';

/** Numbers measured on one set of data. */
export interface ModelCardResult {
  dataset: {
    /** For people. */
    name: string;
    /** Id on the Hub, such as `AI-Lab-Makerere/beans`. */
    type: string;
    split?: string;
    /** Subset of it. */
    config?: string;
    /** Commit of it. */
    revision?: string;
  };
  /** By their ids on the Hub: `{ accuracy: 0.96, f1: 0.95 }`. */
  metrics: Readonly<Record<string, number>>;
}

export interface ModelCardOptions {
  /** Id on the Hub that the model will have, such as `me/beans-mobilenet`, or a title. */
  name: string;
  /** As the Hub abbreviates it: `mit`, `apache-2.0`, `other`, … */
  license: string;
  /** What it is and is for: Markdown. */
  description?: string;
  /** What it was trained on and how that was split and prepared: Markdown. */
  data?: string;
  /** Ids of the data sets on the Hub. */
  datasets?: readonly string[];
  /** Id of the model whose weights it started from. */
  baseModel?: string;
  /** Id or name of the model that taught it. */
  teacher?: string;
  /** Settings that it takes to train it again, seeds among them: `{ seed: 42, temperature: 5 }`. */
  training?: Readonly<Record<string, string | number | boolean>>;
  results?: readonly ModelCardResult[];
  /** In addition to `image-classification`, `tensorflow.js`, and `knowledge-distillation` where there is a teacher. */
  tags?: readonly string[];
}

function frontMatter(options: ModelCardOptions, isOfTransformers: boolean): YamlFields {
  const { name, license, datasets = [], baseModel, teacher, results = [], tags = [] } = options;
  const all = ['image-classification', 'tensorflow.js', ...(teacher ? ['knowledge-distillation'] : []), ...tags];
  return {
    license,
    library_name: isOfTransformers ? 'transformers' : undefined,
    pipeline_tag: 'image-classification',
    tags: [...new Set(all)],
    datasets,
    metrics: [...new Set(results.flatMap(({ metrics }) => Object.keys(metrics)))],
    base_model: baseModel,
    'model-index':
      results.length === 0
        ? undefined
        : [
            {
              name,
              results: results.map(({ dataset, metrics }) => ({
                task: { type: 'image-classification', name: 'Image Classification' },
                dataset: { ...dataset },
                metrics: Object.entries(metrics).map(([type, value]) => ({ type, value })),
              })),
            },
          ],
  };
}

function modelSection(model: LayersModel, { baseModel, teacher }: ModelCardOptions, className: string): string[] {
  const { classNames } = getModelConfig(model);
  const [, ...input] = model.inputs[0]!.shape;
  const shown = classNames.slice(0, 20).map(code).join(', ');
  const rows: [string, string][] = [
    ['Architecture', text(className)],
    ['Parameters', countParameters(model).toLocaleString('en-US')],
    ['Input', `float32 [batch, ${input.map((size) => size ?? 'any').join(', ')}]`],
    ['Classes', classNames.length > 20 ? `${classNames.length}: ${shown}, …` : shown],
  ];
  if (baseModel) rows.push(['Weights started from', code(baseModel)]);
  if (teacher) rows.push(['Teacher', code(teacher)]);
  return ['## Model', '', ...table(['', ''], rows)];
}

function resultsSection({ results = [] }: ModelCardOptions): string[] {
  const rows = results.flatMap(({ dataset, metrics }) =>
    Object.entries(metrics).map(([metric, value]) => {
      const where = [dataset.name, dataset.config, dataset.split].filter((each) => each !== undefined).join(', ');
      return [text(where), text(metric), String(value)];
    }),
  );
  return rows.length > 0 ? ['## Results', '', ...table(['data', 'metric', 'value'], rows)] : [];
}

function usageSection({ name }: ModelCardOptions, isOfTransformers: boolean): string[] {
  const id = JSON.stringify(name);
  const python = [
    'In Python:',
    '',
    '```python',
    'from transformers import pipeline',
    '',
    `classify = pipeline("image-classification", model=${id})`,
    'print(classify("image.jpg"))',
    '```',
    '',
  ];
  return [
    '## Use',
    '',
    ...(isOfTransformers ? python : []),
    'In JavaScript, `npm install @kd/models @kd/data @kd/backend @tensorflow/tfjs @tensorflow/tfjs-backend-wasm`:',
    '',
    '```js',
    "import { selectBackend } from '@kd/backend/node';",
    "import { fromPretrained, predict } from '@kd/models/node';",
    '',
    'await selectBackend();',
    `const model = await fromPretrained(${id});`,
    "console.log(await predict(model, 'image.jpg'));",
    '```',
  ];
}

/**
 * A model card as the Hugging Face Hub has it, the `README.md` of a repository: metadata as YAML between two `---`, with a
 * `model-index` for the results, then Markdown about the model, the data, the training, the results, and how to load it in
 * Python and in JavaScript. Architecture, parameters and classes are the model's own.
 *
 * @returns the text of the file; `savePretrained(model, folder, { card })` writes it
 * @throws {KdError} NOT_FOUND for a model that was not made by this package
 *
 * Reference: https://huggingface.co/docs/hub/model-cards
 *
 * @example
 * import { mobileNetV2, modelCard } from '@kd/models';
 * const student = mobileNetV2({ classNames: ['angular_leaf_spot', 'bean_rust', 'healthy'] });
 * const beans = { name: 'beans', type: 'AI-Lab-Makerere/beans', split: 'test' };
 * const card = modelCard(student, {
 *   name: 'me/beans-mobilenet',
 *   license: 'apache-2.0',
 *   teacher: 'merve/beans-vit-224',
 *   datasets: ['AI-Lab-Makerere/beans'],
 *   training: { seed: 42, epochs: 30, temperature: 5, lambda: 0.5 },
 *   results: [{ dataset: beans, metrics: { accuracy: 0.72 } }],
 * });
 * console.log(card.split('\n').slice(0, 3)); // [ '---', 'license: "apache-2.0"', 'library_name: "transformers"' ]
 */
export function modelCard(model: LayersModel, options: ModelCardOptions): string {
  const config = getModelConfig(model);
  const { architectures } = architectureOf('modelCard', config.modelType).writeConfig(config);
  const isOfTransformers = Array.isArray(architectures);
  const { name, description, data, training = {} } = options;
  const settings = Object.entries(training).map(([setting, value]) => [code(setting), text(String(value))]);
  const sections = [
    ['---', ...yamlLines(frontMatter(options, isOfTransformers)), '---'],
    [`# ${text(name)}`],
    description ? [description] : [],
    modelSection(model, options, isOfTransformers ? String(architectures[0]) : config.modelType),
    data ? ['## Data', '', data] : [],
    settings.length > 0 ? ['## Training', '', ...table(['setting', 'value'], settings)] : [],
    resultsSection(options),
    usageSection(options, isOfTransformers),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

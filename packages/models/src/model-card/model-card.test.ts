import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mlp } from '../mlp/mlp.ts';
import { mobileNetV2 } from '../mobilenet/mobilenet-v2.ts';
import { type ModelCardOptions, modelCard } from './model-card.ts';

const student = mobileNetV2({ classNames: ['a|b', '`tick`', 'bean_rust'], depthMultiplier: 0.35 });
const full: ModelCardOptions = {
  name: 'me/beans "tiny": #1',
  license: 'apache-2.0',
  description: 'Finds diseases of **beans**.',
  data: '1034 photographs; the published split.',
  datasets: ['AI-Lab-Makerere/beans'],
  baseModel: 'google/mobilenet_v2_0.35_96',
  teacher: 'merve/beans-vit-224',
  training: { seed: 42, learningRate: 1e-7, schedule: 'linear | cosine' },
  results: [
    {
      dataset: { name: 'beans', type: 'AI-Lab-Makerere/beans', split: 'test', revision: 'a'.repeat(40) },
      metrics: { accuracy: 0.953125, f1: 0.95 },
    },
    { dataset: { name: 'beans', type: 'AI-Lab-Makerere/beans', split: 'validation' }, metrics: { accuracy: 1 } },
  ],
  tags: ['beans', 'tensorflow.js'],
};

function split(card: string): [Record<string, unknown>, string] {
  const [, yaml, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(card)!;
  return [parse(yaml!, { version: '1.1', schema: 'yaml-1.1' }), body!];
}

describe('modelCard', () => {
  it('begins with the metadata that the Hub reads', () => {
    const task = { type: 'image-classification', name: 'Image Classification' };
    expect(split(modelCard(student, full))[0]).toEqual({
      license: 'apache-2.0',
      library_name: 'transformers',
      pipeline_tag: 'image-classification',
      tags: ['image-classification', 'tensorflow.js', 'knowledge-distillation', 'beans'],
      datasets: ['AI-Lab-Makerere/beans'],
      metrics: ['accuracy', 'f1'],
      base_model: 'google/mobilenet_v2_0.35_96',
      'model-index': [
        {
          name: full.name,
          results: [
            {
              task,
              dataset: full.results![0]!.dataset,
              metrics: [
                { type: 'accuracy', value: 0.953125 },
                { type: 'f1', value: 0.95 },
              ],
            },
            { task, dataset: full.results![1]!.dataset, metrics: [{ type: 'accuracy', value: 1 }] },
          ],
        },
      ],
    });
  });

  it('goes on with everything that it takes to understand, repeat and use the model', () => {
    const [, body] = split(modelCard(student, full));
    expect(body.match(/^##? .*/gm)).toEqual([
      '# me/beans "tiny": \\#1',
      '## Model',
      '## Data',
      '## Training',
      '## Results',
      '## Use',
    ]);
    expect(body).toContain('| Architecture | MobileNetV2ForImageClassification |');
    expect(body).toContain('| Parameters | 399,971 |');
    expect(body).toContain('| Classes | `a\\|b`, `` `tick` ``, `bean_rust` |');
    expect(body).toContain('| `learningRate` | 1e-7 |\n| `schedule` | linear \\| cosine |');
    expect(body).toContain('| beans, test | accuracy | 0.953125 |');
    expect(body).toContain('model="me/beans \\"tiny\\": #1"');
    expect(body).toContain('fromPretrained("me/beans \\"tiny\\": #1")');
  });

  it('leaves out what is not known, and Python where it cannot load the model', () => {
    const [metadata, body] = split(
      modelCard(mlp({ hiddenSizes: [8], classNames: ['a', 'b'] }), { name: 'mnist', license: 'mit' }),
    );
    expect(metadata).toEqual({
      license: 'mit',
      pipeline_tag: 'image-classification',
      tags: ['image-classification', 'tensorflow.js'],
    });
    expect(body.match(/^##? .*/gm)).toEqual(['# mnist', '## Model', '## Use']);
    expect(body).not.toContain('python');
  });
});

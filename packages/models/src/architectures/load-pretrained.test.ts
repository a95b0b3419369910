import '@tensorflow/tfjs-backend-cpu';
import { bytesSource, type NamedTensor, openSafetensors, writeSafetensors } from '@kd/core';
import { namedVariables } from '@kd/ops';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { getModelConfig } from '../model-config.ts';
import { resnet } from '../resnet/resnet.ts';
import type { ReadReport } from '../weights/read-weights.ts';
import { type LoadPretrainedOptions, loadPretrained } from './load-pretrained.ts';
import { toPretrained } from './to-pretrained.ts';

const classNames = ['a', 'b', 'c'];
const model = resnet({
  classNames,
  embeddingSize: 8,
  hiddenSizes: [8, 16],
  depths: [1, 1],
  layerType: 'basic',
  seed: 4,
});
const { config, tensors } = await toPretrained(model);

async function load(
  change: { fields?: object; tensors?: NamedTensor[] } = {},
  options: LoadPretrainedOptions = {},
): Promise<LayersModel> {
  const file = await openSafetensors(bytesSource(writeSafetensors(change.tensors ?? tensors)));
  return loadPretrained({ ...config, ...change.fields }, file, options);
}

const bits = (each: LayersModel) =>
  Object.fromEntries(namedVariables(each).map(({ name, variable }) => [name, variable.dataSync()]));

describe('loadPretrained', () => {
  it('gives back what toPretrained gave', async () => {
    const loaded = await load();
    expect(bits(loaded)).toEqual(bits(model));
    expect(getModelConfig(loaded)).toEqual(getModelConfig(model));
  });

  it('reads a backbone without its prefix, and says what it lacks', async () => {
    const bare = tensors
      .filter(({ name }) => name.startsWith('resnet.'))
      .map((each) => ({ ...each, name: each.name.slice('resnet.'.length) }));
    await expect(load({ tensors: bare })).rejects.toThrow(
      "loadPretrained: the file lacks 'classifier.1.weight', 'classifier.1.bias' (ignoreMissing: true initialises them)",
    );
    let report: ReadReport | undefined;
    const loaded = await load(
      { tensors: bare },
      {
        ignoreMissing: true,
        seed: 4,
        onReport: (each) => {
          report = each;
        },
      },
    );
    expect(report?.missing).toEqual(['classifier.1.weight', 'classifier.1.bias']);
    expect(bits(loaded)).toEqual(bits(model)); // the head drawn from the same seed
  });

  it('makes a new head for other classes if it may', async () => {
    const options = { classNames: ['x', 'y'] };
    await expect(load({}, options)).rejects.toThrow("'classifier.1.weight' is [3,16], not [2,16]");
    let report: ReadReport | undefined;
    const onReport = (each: ReadReport) => {
      report = each;
    };
    const loaded = await load({}, { ...options, ignoreMismatchedSizes: true, onReport });
    expect(loaded.outputShape).toEqual([null, 2]);
    expect(report).toEqual({
      mismatched: [
        { name: 'classifier.1.weight', fileShape: [3, 16], modelShape: [2, 16] },
        { name: 'classifier.1.bias', fileShape: [3], modelShape: [2] },
      ],
      missing: [],
      unexpected: [],
    });
  });

  it('refuses a tensor too many, and one of integers', async () => {
    const extra = { name: 'adapter.weight', shape: [1], data: Float32Array.of(1) };
    await expect(load({ tensors: [...tensors, extra] })).rejects.toThrow("the model has no place for 'adapter.weight'");
    await load({ tensors: [...tensors, extra] }, { ignoreUnexpected: true });
    const quantised = tensors.map((each) =>
      each.name === 'classifier.1.bias' ? { ...each, data: new Int8Array(3) } : each,
    );
    await expect(load({ tensors: quantised })).rejects.toThrow("'classifier.1.bias' holds integers");
  });

  it('reads weights in half precision', async () => {
    const halves = tensors.map((each) =>
      each.data instanceof Float32Array ? { ...each, dtype: 'BF16' as const } : each,
    );
    const loaded = await load({ tensors: halves });
    for (const [name, values] of Object.entries(bits(loaded))) {
      bits(model)[name]!.forEach((value, i) => {
        expect(Math.abs(values[i]! - value), name).toBeLessThanOrEqual(Math.abs(value) * 2 ** -8);
      });
    }
  });

  it.each<[object, string]>([
    [{ hidden_act: 'gelu' }, 'config.json has hidden_act "gelu"; supported: "relu"'],
    [{ stochastic_depth: 0.1, foo: 1 }, 'config.json has fields that are not supported: stochastic_depth, foo'],
    [{ problem_type: 'regression' }, 'config.json has problem_type "regression"'],
    [{ quantization_config: { bits: 4 } }, 'config.json has quantization_config {"bits":4}; supported: none'],
    [{ depths: 'many' }, 'depths in config.json must be a list of whole numbers, got "many"'],
    [{ depths: [1, 1, 1] }, 'depths must be a whole number > 0 for each of the 2 hiddenSizes'],
    [{ id2label: { 0: 'a', 2: 'b' } }, 'id2label in config.json must name the labels 0, 1, …'],
    [{ id2label: null, num_labels: -1 }, 'num_labels in config.json is -1'],
    [{ model_type: 'bert' }, 'model_type "bert" is not supported; there are \'mlp\''],
  ])('refuses %j by name', async (fields, message) => {
    await expect(load({ fields })).rejects.toThrow(message);
  });

  it('leaves out a field if told to, and takes those of transformers that say nothing', async () => {
    const harmless = { _name_or_path: 'x', torch_dtype: 'float32', transformers_version: '4.57.6', pruned_heads: {} };
    await load({ fields: { ...harmless, foo: 1 } }, { ignoreFields: ['foo'] });
  });

  it('names two classes if the config names none, as transformers', async () => {
    const options = { ignoreMismatchedSizes: true };
    const { id2label: _, label2id: __, ...unnamed } = config;
    const file = await openSafetensors(bytesSource(writeSafetensors(tensors)));
    const loaded = await loadPretrained(unnamed, file, options);
    expect(getModelConfig(loaded).classNames).toEqual(['LABEL_0', 'LABEL_1']);
    expect((await toPretrained(loaded)).config).not.toHaveProperty('id2label');
  });

  it('refuses options of another model', async () => {
    await expect(load({}, { modelOptions: { inputSize: 32 } })).rejects.toThrow(
      "modelOptions inputSize are none of 'resnet'",
    );
  });
});

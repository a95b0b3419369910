import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { completeWasm } from '@kd/backend';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { architectureOf } from '../architectures/registry.ts';
import { getModelConfig } from '../model-config.ts';
import { withTaps } from '../taps.ts';
import { distance, Expected, fixture, isThere, loadFolder, relativeDistance, shared } from '../testing/parity.ts';

const BACKENDS = [
  { backend: 'cpu', logitsTolerance: 1e-4, gradientTolerance: 2e-4 },
  { backend: 'wasm', logitsTolerance: 2e-3, gradientTolerance: 2e-3 },
];

const golden = shared('goldens/hf/models/vit');
const golden_ = { folder: golden, inputs: `${golden}/inputs.safetensors`, inputSize: [32, 32] };
const ownFixture = (name: string, inputSize: number[]) => {
  const file = `${fixture(name)}/expected.safetensors`;
  return { name, folder: fixture(name), inputs: file, outputs: file, training: false, inputSize };
};

const CASES = [
  { ...golden_, name: 'vit in eval mode', outputs: `${golden}/expected_eval.safetensors`, training: false },
  { ...golden_, name: 'vit in train mode', outputs: `${golden}/expected_train.safetensors`, training: true },
  ownFixture('vit_interpolated', [40, 19]), // no qkv bias; the grid changes from 3 x 3 to 5 x 2
  ownFixture('deit', [24, 24]),
  ownFixture('deit_teacher', [16, 32]), // two heads; 3 x 3 to 2 x 4
];

const crossEntropy = (logits: tf.Tensor, labels: tf.Tensor1D): tf.Scalar =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(labels, logits.shape[1]!), logits);

/** Every hidden state that Python gives, by the tap that it is. */
function hiddenStates(model: LayersModel, expected: Expected): { tap: string; name: string }[] {
  const taps = model.layers.map(({ name }) => name).filter((name) => /^(embeddings|encoder\.layer\.\d+)$/.test(name));
  return taps.map((tap, i) => ({ tap, name: `hidden_states.${i}` })).filter(({ name }) => expected.has(name));
}

describe.each(BACKENDS)('$backend', ({ backend, logitsTolerance, gradientTolerance }) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    if (backend === 'wasm') await completeWasm();
  });

  it.for(CASES)('$name equals transformers', async ({ folder, inputs, outputs, training, inputSize }, context) => {
    if (!isThere(folder)) context.skip(`${folder} is not there`);
    const model = await loadFolder(folder, { modelOptions: { inputSize } });
    const [given, expected] = [new Expected(inputs), new Expected(outputs)];
    const [x, labels] = [given.images(), given.get('labels', 'same', 'int32') as tf.Tensor1D];

    const states = hiddenStates(model, expected);
    const heads = expected.has('cls_logits') ? ['cls_classifier', 'distillation_classifier'] : [];
    const tapped = withTaps(model, [...heads, ...states.map(({ tap }) => tap)]);
    const variables = namedVariables(model);
    const { value, grads } = tf.variableGrads(
      () => {
        const [logits, , ofTeacher] = [tapped.apply(x, { training })].flat() as tf.Tensor[];
        const loss = crossEntropy(logits!, labels);
        if (heads.length === 0) return loss;
        return tf.add(loss, crossEntropy(ofTeacher!, tf.sub(tf.scalar(2, 'int32'), labels)));
      },
      variables.map(({ variable }) => variable),
    );
    expect(distance(value, expected.get('loss'))).toBeLessThan(gradientTolerance);
    const { rule } = architectureOf('test', getModelConfig(model).modelType);
    for (const { name, variable } of variables) {
      if (name.endsWith('attention.key/bias')) continue; // zero in exact arithmetic
      const { name: theirs, layout } = rule(name);
      const error = relativeDistance(grads[variable.name]!, expected.get(`grad.${theirs}`, layout));
      expect(error, theirs).toBeLessThan(gradientTolerance);
    }

    const [logits, ...others] = [tapped.predict(x)].flat() as tf.Tensor[];
    expect(distance(logits!, expected.get('logits'))).toBeLessThan(logitsTolerance);
    const names = [...heads.map((head) => head.replace('classifier', 'logits')), ...states.map(({ name }) => name)];
    names.forEach((name, i) => {
      expect(distance(others[i]!, expected.get(name)), name).toBeLessThan(logitsTolerance);
    });
  });
});

import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { mobileNetV2, resnet18, setPreprocessorConfig } from '@kd/models';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectExported } from '../testing/expect-exported.ts';
import { EXPORTED, exportedModel } from '../testing/exported-models.ts';
import { toOnnx } from './to-onnx.ts';

const classNames = ['cat', 'dog', 'hen'];
const small = { classNames, seed: 7 } as const;

beforeAll(() => tf.setBackend('wasm'));

describe('toOnnx', () => {
  it.each(EXPORTED)('gives the logits of %s, for three images and for one', (name) => expectExported(ort, name));

  it('has only standard operators, the same bytes each time, and leaves no tensor behind', async () => {
    const { model } = exportedModel('mlp');
    const before = tf.memory().numTensors;
    const bytes = await toOnnx(model);
    expect(tf.memory().numTensors).toBe(before);
    expect(await toOnnx(model)).toEqual(bytes);
    expect(new TextDecoder('latin1').decode(bytes)).not.toContain('com.microsoft');
  });

  it('has its weights in the order that ONNX wants, and nothing to compute of them alone', async () => {
    const model = mobileNetV2({ ...small, imageSize: 32 });
    const text = new TextDecoder('latin1').decode(await toOnnx(model));
    expect(text).not.toContain('Transpose');
    expect(text).not.toContain('Sqrt');
  });

  it('takes the size of images from what the model knows of itself', async () => {
    const shapeOf = async (model: tfl.LayersModel) => {
      const session = await ort.InferenceSession.create(await toOnnx(model));
      const [input] = session.inputMetadata;
      await session.release();
      return input?.isTensor && input.shape;
    };
    const model = mobileNetV2({ ...small, imageSize: 32 });
    expect(await shapeOf(model)).toEqual(['batch', 3, 32, 32]);
    setPreprocessorConfig(model, { size: { shortest_edge: 256 }, crop_size: { height: 48, width: 64 } });
    expect(await shapeOf(model)).toEqual(['batch', 3, 48, 64]);
  });

  it('says which sizes it needs', async () => {
    const model = resnet18(small);
    await expect(toOnnx(model)).rejects.toThrow(
      'toOnnx: the model takes inputs [?,?,3], got inputShape [?,?,3]; say its sizes',
    );
    await expect(toOnnx(model, { inputShape: [64, 64, 1] })).rejects.toThrow('got inputShape [64,64,1]');
  });

  it('refuses a model that depends on the batch size', async () => {
    class Share extends tfl.layers.Layer {
      static className = 'Share';
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        const x = [inputs].flat()[0]!;
        return tf.div(x, x.shape[0]!);
      }
    }
    const input = tfl.input({ shape: [4] });
    const model = tfl.model({ inputs: input, outputs: new Share({}).apply(input) as tfl.SymbolicTensor });
    await expect(toOnnx(model)).rejects.toThrow('toOnnx: a constant depends on the batch size');
  });
});

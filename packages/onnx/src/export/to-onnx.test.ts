import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import {
  deitTinyDistilled16,
  mlp,
  mobileNetV2,
  resnet18,
  resnet50,
  setPreprocessorConfig,
  vitTiny16,
} from '@kd/models';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawValues } from '../../../losses/src/testing/draw.ts';
import { expectClose } from '../testing/expect-close.ts';
import { toOnnx } from './to-onnx.ts';

const classNames = ['cat', 'dog', 'hen'];
const small = { classNames, seed: 7 } as const;

const MODELS: Readonly<Record<string, () => { model: tfl.LayersModel; image: [number, number, number] }>> = {
  mobileNetV2: () => ({ model: mobileNetV2(small), image: [224, 224, 3] }),
  resnet18: () => ({ model: resnet18(small), image: [96, 96, 3] }),
  resnet50: () => ({ model: resnet50(small), image: [64, 64, 3] }),
  vitTiny16: () => ({ model: vitTiny16(small), image: [224, 224, 3] }),
  deitTinyDistilled16: () => ({ model: deitTinyDistilled16(small), image: [224, 224, 3] }),
  mlp: () => ({ model: mlp({ ...small, hiddenSizes: [32, 16], batchNorm: true }), image: [28, 28, 1] }),
};

/** Moves what starts at 0 or 1, statistics too, so that nothing can be left out unseen. */
function trainABit(model: tfl.LayersModel): void {
  for (const [i, { variable }] of namedVariables(model).entries()) {
    if (variable.rank === 1) tf.tidy(() => variable.assign(tf.tensor(drawValues(i + 1, variable.shape, 0.5, 1.5))));
  }
}

beforeAll(() => tf.setBackend('wasm'));

async function run(session: ort.InferenceSession, images: tf.Tensor4D): Promise<tf.Tensor> {
  const nchw = tf.tidy(() => tf.transpose(images, [0, 3, 1, 2]));
  const input = new ort.Tensor('float32', nchw.dataSync() as Float32Array, nchw.shape);
  nchw.dispose();
  const { logits } = await session.run({ pixel_values: input });
  return tf.tensor(logits!.data as Float32Array, [...logits!.dims]);
}

describe('toOnnx', () => {
  it.each(Object.keys(MODELS))('gives the logits of %s', async (name) => {
    const { model, image } = MODELS[name]!();
    trainABit(model);
    const bytes = await toOnnx(model, { inputShape: image });
    const session = await ort.InferenceSession.create(bytes, { enableMemPattern: false });
    expect([session.inputNames, session.outputNames]).toEqual([['pixel_values'], ['logits']]);
    const images = tf.tensor4d(drawValues(3, [3, ...image], -2, 2), [3, ...image]);
    const expected = tf.tidy(() => [model.apply(images, { training: false })].flat()[0] as tf.Tensor);
    expectClose(await run(session, images), expected, 1e-4, 'logits of three images');
    const first = await run(session, tf.slice(images, 0, 1));
    expectClose(first, tf.slice(expected, 0, 1), 1e-4, 'logits of one image');
    await session.release();
  });

  it('has only standard operators, the same bytes each time, and leaves no tensor behind', async () => {
    const { model } = MODELS.mlp!();
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

import { deitTinyDistilled16, mlp, mobileNetV2, resnet18, resnet50, vitTiny16 } from '@kd/models';
import { namedVariables } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { drawValues } from '../../../losses/src/testing/draw.ts';

type ImageSize = readonly [height: number, width: number, channels: number];

const small = { classNames: ['cat', 'dog', 'hen'], seed: 7 } as const;

export type ExportedName = 'mlp' | 'mobileNetV2' | 'resnet18' | 'resnet50' | 'vitTiny16' | 'deitTinyDistilled16';

const MODELS: Readonly<Record<ExportedName, { image: ImageSize; make: () => tfl.LayersModel }>> = {
  mlp: { image: [28, 28, 1], make: () => mlp({ ...small, hiddenSizes: [32, 16], batchNorm: true }) },
  mobileNetV2: { image: [224, 224, 3], make: () => mobileNetV2(small) },
  resnet18: { image: [96, 96, 3], make: () => resnet18(small) },
  resnet50: { image: [64, 64, 3], make: () => resnet50(small) },
  vitTiny16: { image: [224, 224, 3], make: () => vitTiny16(small) },
  deitTinyDistilled16: { image: [224, 224, 3], make: () => deitTinyDistilled16(small) },
};

export const EXPORTED: readonly ExportedName[] = Object.keys(MODELS) as readonly ExportedName[];

/** For what takes long: one of each architecture. */
export const ONE_OF_EACH: readonly ExportedName[] = EXPORTED.filter((name) => name !== 'resnet50');

/** Nothing at 0 or 1, statistics too, and kernels that keep the size of signals: nothing can be left out unseen. */
function drawVariables(model: tfl.LayersModel): void {
  for (const [i, { variable }] of namedVariables(model).entries()) {
    const { shape, size, rank } = variable;
    const kernelSize = rank === 4 && shape[3] === 1 ? shape[0]! * shape[1]! : size / shape.at(-1)!; // depthwise or not
    const [lo, hi] = rank === 1 ? [0.5, 1.5] : [-Math.sqrt(6 / kernelSize), Math.sqrt(6 / kernelSize)];
    tf.tidy(() => variable.assign(tf.tensor(drawValues(i + 1, shape, lo!, hi!), shape)));
  }
}

/** A model of full size, and of which images; equal in Node and in a browser. */
export function exportedModel(name: ExportedName): { model: tfl.LayersModel; image: ImageSize } {
  const { image, make } = MODELS[name];
  const model: tfl.LayersModel = make();
  drawVariables(model);
  return { model, image };
}

/** What the model says in inference mode: its first output. */
export function firstOutput(model: tfl.LayersModel, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => [model.apply(images, { training: false })].flat()[0] as tf.Tensor);
}

/** Three images, with values up to 2. */
export function threeImages(size: ImageSize): tf.Tensor4D {
  return tf.tensor4d(drawValues(3, [3, ...size], -2, 2), [3, ...size]);
}

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bytesSource, type NamedTensor, openSafetensors, readSafetensors } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type LoadPretrainedOptions, loadPretrained } from '../architectures/load-pretrained.ts';
import { type Layout, toOurs } from '../weights/layouts.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A folder of fixtures of our own, made by `fixtures/make_vit_fixtures.py`. */
export const fixture = (name: string): string => at(`../../fixtures/${name}`);

/** A folder beside the repository, which not everyone has. */
export const shared = (path: string): string => at(`../../../../../shared/${path}`);

export const isThere = (folder: string): boolean => existsSync(`${folder}/config.json`);

/** The tensors of a file by name, in its layouts. */
export class Expected {
  private readonly tensors: ReadonlyMap<string, NamedTensor>;

  constructor(path: string) {
    const { tensors } = readSafetensors(readFileSync(path));
    this.tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** A tensor in our layout. */
  get(name: string, layout: Layout = 'same', dtype: 'float32' | 'int32' = 'float32'): tf.Tensor {
    const { data, shape } = this.tensors.get(name)!;
    const values = toOurs(layout, Float32Array.from(data), shape);
    const order = { same: undefined, linear: [1, 0], conv: [2, 3, 1, 0], depthwise: [2, 3, 0, 1] }[layout];
    return tf.tensor(values, order ? order.map((dimension) => shape[dimension]!) : [...shape], dtype);
  }

  images(): tf.Tensor4D {
    return tf.transpose(this.get('pixel_values') as tf.Tensor4D, [0, 2, 3, 1]);
  }
}

/** The model in a folder that Python's `save_pretrained` wrote. */
export async function loadFolder(folder: string, options?: LoadPretrainedOptions): Promise<LayersModel> {
  const config: unknown = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8'));
  const file = await openSafetensors(bytesSource(readFileSync(`${folder}/model.safetensors`)));
  return loadPretrained(config, file, options);
}

/** The largest difference of any value. */
export const distance = (got: tf.Tensor, want: tf.Tensor): number =>
  tf.tidy(() => tf.max(tf.abs(tf.sub(got, want))).dataSync()[0]!);

/** The largest difference of any value, as a share of the largest value. */
export const relativeDistance = (got: tf.Tensor, want: tf.Tensor): number =>
  distance(got, want) / tf.tidy(() => tf.max(tf.abs(want)).dataSync()[0]!);

import { type DataLoader, randomSource } from '@kd/core';
import { arrayDataset, dataLoader } from '@kd/data';
import * as tf from '@tensorflow/tfjs-core';

interface ArrayLoaderOptions {
  samples: number;
  side: number;
  batchSize: number;
  classNames?: readonly string[];
}

/** Images of noise, brighter the higher their label is. */
export function arrayLoader({ samples, side, batchSize, classNames }: ArrayLoaderOptions): {
  loader: DataLoader;
  labels: Int32Array;
  /** All of them, as the loader gives them. */
  images: () => tf.Tensor4D;
} {
  const channels = side === 28 ? 1 : 3;
  const names = classNames ?? Array.from({ length: 10 }, (_, i) => `${i}`);
  const random = randomSource({ seed: 4, stream: 'noise' });
  const shape: [number, number, number, number] = [samples, side, side, channels];
  const labels = Int32Array.from({ length: samples }, () => random.below(names.length));
  const size = side * side * channels;
  const data = Uint8Array.from({ length: samples * size }, (_, i) => {
    return random.below(128) + (127 * labels[Math.floor(i / size)]!) / (names.length - 1);
  });
  const dataset = arrayDataset({ images: { data, shape }, labels: [...labels], classNames: names });
  const images = (): tf.Tensor4D =>
    tf.tensor4d(
      Float32Array.from(data, (pixel) => pixel / 255),
      shape,
    );
  return { loader: dataLoader(dataset, { batchSize }), labels, images };
}

import type { ImageDataset } from '@kd/core';
import { dataLoader, MNIST_NORMALIZATION, subset } from '@kd/data';
import { predictLogits } from '@kd/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Case, Lap } from './case.ts';

/** Batches of `predictLogits`, loader included. */
export function inferenceCase(name: string, model: LayersModel, test: ImageDataset, batchSize: number): Case {
  return {
    name,
    images: batchSize,
    async run(steps) {
      const images = Array.from({ length: (steps + 1) * batchSize }, (_, i) => i % test.length);
      const loader = dataLoader(subset(test, images), { batchSize, normalize: MNIST_NORMALIZATION });
      const laps: Lap[] = [];
      let last = performance.now();
      await predictLogits(model, loader, {
        onProgress() {
          const now = performance.now();
          laps.push({ total: now - last });
          last = now;
        },
      });
      return laps.slice(1);
    },
  };
}

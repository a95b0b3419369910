import type { Batch, DataLoader } from '@kd/core';

/** Batches of a size, ready in memory, so that a step's time is the loop's alone. */
export interface Case {
  title: string;
  batchSize: number;
  imageShape: readonly [height: number, width: number, channels: number];
  classes: number;
}

export const CASES = {
  mnist: { title: 'MNIST: 64 images of 28x28x1', batchSize: 64, imageShape: [28, 28, 1], classes: 10 },
  imagenet: { title: 'ImageNet: 8 images of 224x224x3', batchSize: 8, imageShape: [224, 224, 3], classes: 1000 },
} as const satisfies Record<string, Case>;

/** The images of all batches are the same array; samples and labels differ. */
export function readyLoader({ batchSize, imageShape, classes }: Case, batches: number): DataLoader {
  const size = imageShape.reduce((product, each) => product * each, batchSize);
  const images = { data: new Uint8Array(size), shape: [batchSize, ...imageShape] };
  const normalization = {
    mean: imageShape[2] === 1 ? [0.5] : [0.5, 0.5, 0.5],
    std: imageShape[2] === 1 ? [0.5] : [0.5, 0.5, 0.5],
  };
  const made = Array.from({ length: batches }, (_, batch): Batch => {
    const ids = Uint32Array.from({ length: batchSize }, (_, row) => batch * batchSize + row);
    return { ids, images, normalization, labels: Int32Array.from(ids, (id) => id % classes), source: 'zeros' };
  });
  async function* epoch(_index: number, fromBatch = 0) {
    yield* made.slice(fromBatch);
  }
  return {
    length: batches,
    sampleCount: batches * batchSize,
    batchSize,
    classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
    fingerprint: async () => 'zeros',
    epoch,
    [Symbol.asyncIterator]: () => epoch(0),
  };
}

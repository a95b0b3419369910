import { type Batch, type ImageArray, randomSource } from '@kd/core';
import { describe, expect, it } from 'vitest';
import {
  applyAugmentation,
  arrayDataset,
  augmentation,
  createProcessor,
  cutMix,
  dataLoader,
  encodedDataset,
  mixup,
  randomChoice,
} from '../index.ts';
import { sha256 } from '../testing/sha256.ts';

/** Everything here comes from the portable entry: it runs in Node and in browsers, and gives the same there. */

const SIDE = 40;

/** A file format of our own, for a decoder of our own: one byte each for height and width, then the pixels. */
function file(index: number): Uint8Array {
  const random = randomSource({ seed: 4, stream: 'file', id: index });
  const [height, width] = [SIDE + random.below(20), SIDE + random.below(20)];
  const tint = [random.below(100), random.below(100), random.below(100)];
  const pixels = Array.from({ length: height * width * 3 }, (_, i) => tint[i % 3]! + ((i >> 3) % 150));
  return Uint8Array.of(height, width, ...pixels);
}

const decode = async (bytes: Uint8Array): Promise<ImageArray> => ({
  data: bytes.slice(2),
  shape: [bytes[0]!, bytes[1]!, 3],
});

const dataset = encodedDataset({
  ids: Array.from({ length: 10 }, (_, i) => `image-${i}`),
  labels: Array.from({ length: 10 }, (_, i) => i % 2),
  read: async (index) => file(index),
});

const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 24, width: 24 } });

async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

describe('the portable loader', () => {
  it('decodes, crops and augments, as each step alone does', async () => {
    const augment = augmentation([
      { type: 'randomResizedCrop', size: 24 },
      { type: 'horizontalFlip' },
      { type: 'colorJitter', brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
      { type: 'randAugment' },
      { type: 'randomErasing', fill: 'noise' },
    ]);
    const options = { batchSize: 4, processor, decode, augment, seed: 7, shuffle: true, output: 'uint8' } as const;
    const batches = await collect(dataLoader(dataset, options).epoch(1));
    expect(batches.map(({ images }) => images.shape[0])).toEqual([4, 4, 2]);
    for (const { ids, images } of batches) {
      for (const [i, id] of (ids as string[]).entries()) {
        const decoded = await decode(file(Number(id.slice(6))));
        const expected = applyAugmentation(augment, decoded, { seed: 7, epoch: 1, id });
        expect(images.data.slice(i * 1728, (i + 1) * 1728)).toEqual(expected.data);
      }
    }
  });

  it('gives the same bytes everywhere', async () => {
    const augment = augmentation([
      { type: 'resizeCrop', shortestEdge: 32, size: 28, place: 'random', resample: 'bicubic' },
      { type: 'verticalFlip' },
      { type: 'colorJitter', hue: 0.3, saturation: 1 },
      { type: 'randAugment', operations: 3, magnitude: 20 },
    ]);
    const batchTransform = randomChoice([mixup(), cutMix()]);
    const options = { batchSize: 5, decode, augment, seed: 1, sampler: 'class-balanced', batchTransform } as const;
    const batches = await collect(dataLoader(dataset, options));
    const numbers = batches.flatMap(({ images, targets }) => [...images.data, ...targets!]);
    // Says nothing of being right, only that Node and the browser agree.
    expect(await sha256(new Uint8Array(Float32Array.from(numbers).buffer))).toBe(
      '152469257a5a4fc7d41e31b67e16de00c27e98f56ccf1d399b99a1e6725f270a',
    );
  });

  it('jitters digits', async () => {
    const digits = arrayDataset({ images: { data: new Uint8Array(6 * 784).fill(255), shape: [6, 28, 28] } });
    const [batch] = await collect(dataLoader(digits, { batchSize: 6, jitter: 2, seed: 3 }));
    expect(batch!.images.shape).toEqual([6, 28, 28, 1]);
    for (const [i, view] of [...batch!.views!].entries()) {
      const [dx, dy] = [(view % 5) - 2, Math.floor(view / 5) - 2];
      const white = Array.from(batch!.images.data.slice(i * 784, (i + 1) * 784)).filter((pixel) => pixel === 1).length;
      expect(white).toBe((28 - Math.abs(dx)) * (28 - Math.abs(dy)));
    }
  });
});

import { type EncodedDataset, type ImageArray, randomSource } from '@kd/core';
import sharp from 'sharp';
import { encodedDataset } from '../encoded-dataset.ts';

/** Smooth noise with some colour, of a size of its own. */
export function pngPixels(index: number): { data: Uint8Array; shape: [number, number, number] } {
  const random = randomSource({ seed: 2, stream: 'png', id: index });
  const [height, width] = [20 + random.below(30), 20 + random.below(30)];
  const [a, b, c] = [random.below(200), 1 + random.below(5), 1 + random.below(5)];
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return a + ((b * x + c * y + 17 * (i % 3)) % 56);
  });
  return { data, shape: [height, width, 3] };
}

async function toPng({ data, shape }: ImageArray): Promise<Uint8Array> {
  const [height, width] = shape as [number, number, number];
  return new Uint8Array(
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
}

/** PNG files in memory, of three classes. `reads` are the images that were read, in the order of their reading. */
export async function pngDataset(
  samples: number,
  change: (index: number, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes,
): Promise<EncodedDataset & { reads: number[] }> {
  const indices = Array.from({ length: samples }, (_, i) => i);
  const files = await Promise.all(indices.map(async (index) => change(index, await toPng(pngPixels(index)))));
  const reads: number[] = [];
  const dataset = encodedDataset({
    ids: indices.map((index) => `leaf-${index}.png`),
    labels: indices.map((index) => index % 3),
    classNames: ['spot', 'rust', 'healthy'],
    read: async (index) => {
      reads.push(index);
      return files[index]!;
    },
  });
  return { ...dataset, reads };
}

/** Not an image any more. */
export const cut = (bytes: Uint8Array): Uint8Array => bytes.slice(0, bytes.length / 3);

/** The same with slow reads, and a fingerprint that reads nothing; `most` tells how many were under way at a time. */
export function countedReads(dataset: EncodedDataset): EncodedDataset & { most(): number } {
  let running = 0;
  let most = 0;
  return {
    ...dataset,
    fingerprint: async () => 'counted',
    async read(index) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      return dataset.read(index);
    },
    most: () => most,
  };
}

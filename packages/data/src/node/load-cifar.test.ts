import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomSource } from '@kd/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCifar } from './load-cifar.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd cifar '));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file of the real size: labels count up, pixels are noise that differs from image to image. */
function batch(images: number, labelBytes: number, labelOf: (image: number) => number[], id: number): Uint8Array {
  const record = labelBytes + 3072;
  const bytes = new Uint8Array(images * record);
  const random = randomSource({ seed: 3, stream: 'cifar', id });
  const noise = Uint8Array.from({ length: 3072 }, () => random.below(256));
  for (let image = 0; image < images; image++) {
    bytes.set(labelOf(image), image * record);
    bytes.set(noise, image * record + labelBytes);
    new DataView(bytes.buffer).setUint32(image * record + labelBytes, image);
  }
  return bytes;
}

describe('loadCifar', () => {
  it('reads CIFAR-10 in its real size, from the folder that the archive unpacks to', async () => {
    const place = join(folder, 'cifar-10-batches-bin');
    await mkdir(place);
    for (let n = 1; n <= 5; n++) {
      await writeFile(
        join(place, `data_batch_${n}.bin`),
        batch(10_000, 1, (image) => [(image + n) % 10], n),
      );
    }
    await writeFile(
      join(place, 'test_batch.bin'),
      batch(10_000, 1, (image) => [image % 10], 6),
    );
    const { train, test } = await loadCifar('cifar10', { source: folder });
    expect([train.length, test.length, train.imageShape]).toEqual([50_000, 10_000, [32, 32, 3]]);
    expect(train.classNames[3]).toBe('cat');
    expect([train.get(0).label, train.get(10_000).label, train.get(49_999).label]).toEqual([1, 2, 4]);
    // The number of the image is in the first four red pixels.
    const { data } = train.get(23_456).image;
    expect([data[0], data[3], data[6], data[9]]).toEqual([0, 0, 3456 >> 8, 3456 & 255]);
  });

  it('reads CIFAR-100 with the names beside it', async () => {
    const place = join(folder, 'cifar-100-binary');
    await mkdir(place);
    await writeFile(
      join(place, 'train.bin'),
      batch(200, 2, (image) => [image % 20, image % 100], 7),
    );
    await writeFile(
      join(place, 'test.bin'),
      batch(100, 2, (image) => [image % 20, 99 - image], 8),
    );
    await writeFile(
      join(place, 'fine_label_names.txt'),
      `${Array.from({ length: 100 }, (_, i) => `fine ${i}`).join('\n')}\n`,
    );
    const { train, test } = await loadCifar('cifar100', { source: folder });
    expect([train.length, train.classNames[42], test.get(0).label]).toEqual([200, 'fine 42', 99]);
    const coarse = await loadCifar('cifar100', { source: place, labels: 'coarse' });
    expect([coarse.train.classNames.length, coarse.train.get(39).label]).toEqual([20, 19]);
    await writeFile(join(place, 'fine_label_names.txt'), 'apple\n');
    await expect(loadCifar('cifar100', { source: place })).rejects.toThrow('names 1 classes, expected 100');
  });

  it('says what is missing', async () => {
    const empty = join(folder, 'empty');
    await expect(loadCifar('cifar10', { source: empty })).rejects.toThrow(
      `loadCifar: no data_batch_1.bin in ${empty} or ${join(empty, 'cifar-10-batches-bin')}; unpack the binary version`,
    );
  });
});

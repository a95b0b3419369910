import sharp from 'sharp';
import { expect, it, describe as suite } from 'vitest';
import { encodedDataset } from '../encoded-dataset.ts';
import { noise } from '../testing/noise.ts';
import { describe } from './describe.ts';

const png = async (width: number, height: number, value: number): Promise<Uint8Array> => {
  const image = sharp({ create: { width, height, channels: 3, background: { r: value, g: 0, b: 0 } } });
  return new Uint8Array(await image.png().toBuffer());
};

async function set(images: Promise<Uint8Array>[], labels: number[]): Promise<ReturnType<typeof encodedDataset>> {
  const files = await Promise.all(images);
  return encodedDataset({
    ids: files.map((_, index) => `${index}.png`),
    labels,
    classNames: ['cat', 'dog'],
    read: async (index) => files[index]!,
  });
}

suite('describe', () => {
  it('counts classes, sizes, broken images and duplicates', async () => {
    const whole = await png(9, 4, 200);
    const train = await set([png(8, 4, 1), png(8, 4, 2), png(8, 4, 1), png(6, 6, 3)], [0, 1, 1, -1]);
    const test = await set(
      [png(8, 4, 2), Promise.resolve(whole.slice(0, -30)), Promise.resolve(new Uint8Array())],
      [1, 0, 0],
    );
    const found = await describe({ train, test });
    expect(found.classNames).toEqual(['cat', 'dog']);
    expect(found.splits.train).toMatchObject({
      samples: 4,
      counts: [1, 2],
      unlabelled: 1,
      sizes: { '4x8': 3, '6x6': 1 },
      broken: [],
    });
    expect(Object.keys(found.splits.train!.sizes)).toEqual(['4x8', '6x6']);
    const { bytes } = found.splits.train!;
    const lengths = await Promise.all([0, 1, 2, 3].map(async (index) => (await train.read(index)).length));
    expect(bytes).toEqual({
      smallest: Math.min(...lengths),
      largest: Math.max(...lengths),
      mean: lengths.reduce((sum, length) => sum + length) / 4,
    });
    expect(found.splits.test!.broken.map(({ index, id }) => [index, id])).toEqual([
      [1, '1.png'],
      [2, '2.png'],
    ]);
    const groups = found.duplicates.map(({ samples, crossesSplits, contradicts }) => [
      samples.map(({ split, id }) => `${split} ${id}`).sort(),
      crossesSplits,
      contradicts,
    ]);
    expect(groups).toHaveLength(2);
    expect(groups).toContainEqual([['train 0.png', 'train 2.png'], false, true]);
    expect(groups).toContainEqual([['test 0.png', 'train 1.png'], true, false]);
    const text = `${found}`;
    expect(text).toMatch(/^cat +1 +2$/m);
    expect(text).toMatch(/^broken +0 +2$/m);
    expect(text).toContain('equal images across splits (leakage): 1\n  train: 1.png = test: 0.png');
    expect(text).toContain('equal images with different labels: 1');
    expect(text).toMatch(/broken images: 2\n {2}test: 1.png: decodeImage: image /);
  });

  it('goes on after an image whose reading fails in a way of its own', async () => {
    const dataset = encodedDataset({
      ids: ['a', 'b'],
      read: (index) => (index === 0 ? png(2, 2, 7) : Promise.reject(new Error('disk on fire'))),
    });
    const found = await describe(dataset);
    expect(found.splits.all!.broken).toEqual([{ index: 1, id: 'b', reason: 'disk on fire' }]);
    expect(`${found}`).toContain('all: b: disk on fire');
  });

  it('describes pixels, and one dataset alone', async () => {
    const { splits, duplicates } = await describe(noise(20));
    expect(splits.all).toMatchObject({ samples: 20, counts: new Array(10).fill(2), sizes: { '28x28': 20 } });
    expect(duplicates).toEqual([]);
    await expect(describe({})).rejects.toThrow('describe: no datasets given');
  });
});

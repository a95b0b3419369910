import { describe, expect, it } from 'vitest';
import { type ArrayDatasetOptions, arrayDataset } from './array-dataset.ts';
import { parseIdx } from './idx.ts';
import { idxBytes } from './testing/idx-bytes.ts';

const images = { data: Uint8Array.from({ length: 36 }, (_, i) => i), shape: [6, 2, 3] };
const labels = [0, 1, 2, 0, 1, 2];

describe('arrayDataset', () => {
  it('gives samples by index, their pixels uint8 HWC', () => {
    const dataset = arrayDataset({ images, labels, classNames: ['a', 'b', 'c'] });
    expect(dataset).toMatchObject({ length: 6, imageShape: [2, 3, 1], classNames: ['a', 'b', 'c'] });
    expect(dataset.get(2)).toEqual({
      id: 2,
      label: 2,
      image: { data: Uint8Array.of(12, 13, 14, 15, 16, 17), shape: [2, 3, 1] },
    });
  });

  it('takes images with channels, and what parseIdx returns', () => {
    expect(arrayDataset({ images: { ...images, shape: [2, 2, 3, 3] } }).imageShape).toEqual([2, 3, 3]);
    expect(arrayDataset({ images: parseIdx(idxBytes([4, 2, 2])) }).get(3).image.data).toEqual(
      Uint8Array.of(12, 13, 14, 15),
    );
  });

  it('has no labels where none are given', () => {
    const dataset = arrayDataset({ images });
    expect('label' in dataset.get(0)).toBe(false);
    expect(dataset.classNames).toEqual([]);
  });

  it('names classes by number unless told', () => {
    expect(arrayDataset({ images, labels: [3, 0, 0, 0, 0, 0] }).classNames).toEqual(['0', '1', '2', '3']);
  });

  it.each([
    ['Uint8Array', images.data.slice()],
    ['Buffer', Buffer.from(images.data)],
  ])('copies pixels on get, from a %s too', (_, data) => {
    const dataset = arrayDataset({ images: { ...images, data } });
    dataset.get(1).image.data.fill(99);
    expect(dataset.get(1).image.data).toEqual(Uint8Array.of(6, 7, 8, 9, 10, 11));
  });

  it('has a fingerprint of pixels, shape, labels and class names, taken once', async () => {
    const classNames = ['a', 'b', 'c'];
    const dataset = arrayDataset({ images, labels, classNames });
    const print = await dataset.fingerprint();
    expect(print).toMatch(/^[0-9a-f]{64}$/);
    expect(dataset.fingerprint()).toBe(dataset.fingerprint());
    expect(await arrayDataset({ images, labels: Uint8Array.from(labels), classNames }).fingerprint()).toBe(print);
    const others: ArrayDatasetOptions[] = [
      { images: { ...images, data: images.data.map((pixel, i) => (i === 35 ? 0 : pixel)) }, labels, classNames },
      { images: { ...images, shape: [6, 3, 2] }, labels, classNames },
      { images, labels: [1, ...labels.slice(1)], classNames },
      { images, labels, classNames: ['b', 'a', 'c'] },
      { images, classNames },
    ];
    const prints = await Promise.all(others.map((options) => arrayDataset(options).fingerprint()));
    expect(new Set([print, ...prints]).size).toBe(6);
  });

  it.each<[string, ArrayDatasetOptions, string]>([
    [
      'a label out of range',
      { images, labels: [0, 1, 2, 3, 4, 12], classNames: [...'0123456789'], name: 'train' },
      'train: label 12 at index 5 is not in [0, 10); check the labels, or pass one class name for each class',
    ],
    ['a negative label', { images, labels: [0, 0, 0, -1, 0, 0] }, 'images: label -1 at index 3 is not in [0, 1)'],
    ['a fractional label', { images, labels: [0, 0.5, 0, 0, 0, 0] }, 'images: label 0.5 at index 1 is not in [0, 1)'],
    ['missing labels', { images, labels: [0, 1] }, 'images: 6 images and 2 labels do not belong together'],
    ['missing pixels', { images: { ...images, shape: [7, 2, 3] } }, 'images: shape [7,2,3] holds 42 pixels, got 36'],
    [
      'a flat shape',
      { images: { ...images, shape: [6, 6] } },
      'images: shape [6,6] is not [samples, height, width] or [samples, height, width, channels]',
    ],
    ['no images', { images: { data: new Uint8Array(), shape: [0, 2, 3] } }, 'images: shape [0,2,3] is not [samples'],
    ['a fractional shape', { images: { ...images, shape: [4.5, 2, 4] } }, 'images: shape [4.5,2,4] is not [samples'],
    [
      "a canvas' pixels",
      { images: { ...images, data: new Uint8ClampedArray(36) as never } },
      'images: pixels are Uint8ClampedArray, expected Uint8Array',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => arrayDataset(options)).toThrow(`arrayDataset: ${message}`);
  });

  it.each([-1, 6, 0.5, Number.NaN])('has no sample %d', (index) => {
    expect(() => arrayDataset({ images }).get(index)).toThrow(
      `dataset.get: index must be an integer in [0, 6), got ${index}`,
    );
  });
});

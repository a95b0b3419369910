import { pixelNormalizer } from '@kd/core';
import { describe, expect, it } from 'vitest';
import fixtures from '../../fixtures/processors.json' with { type: 'json' };
import { pillowNoise } from '../testing/pillow-noise.ts';
import { sha256 } from '../testing/sha256.ts';
import { createProcessor } from './create-processor.ts';
import type { ProcessorConfig } from './settings.ts';

const cases = fixtures.cases as unknown as { config: ProcessorConfig; shape: number[]; results: [string, string][] }[];
const images = (fixtures.sizes as [number, number][]).map(([height, width], index) =>
  pillowNoise([height, width, 3], index + 1),
);
const vit = { image_processor_type: 'ViTImageProcessor' };

describe('createProcessor', () => {
  it.each(cases.map((row) => ({ ...row, name: JSON.stringify(row.config) })))(
    'gives the pixels and numbers of transformers for $name',
    async ({ config, shape, results }) => {
      const processor = createProcessor(config);
      expect(processor.imageShape).toEqual(shape);
      for (const [index, [pixels, numbers]] of results.entries()) {
        const image = images[index]!;
        expect(await sha256(processor.resize(image).data), `resize of [${image.shape}]`).toBe(pixels);
        expect(await sha256(processor.process(image).data), `process of [${image.shape}]`).toBe(numbers);
      }
    },
  );

  it.each(cases.map((row) => ({ ...row, name: JSON.stringify(row.config) })))(
    'says what normalisation leads from resized pixels to those numbers, for $name',
    ({ config }) => {
      const { resize, process, normalization } = createProcessor(config);
      const image = images[3]!;
      const numbers = process(image).data;
      const { data: pixels } = resize(image);
      let largest = 0;
      for (const [at, pixel] of pixels.entries()) {
        const [mean, std] = [normalization.mean[at % 3]!, normalization.std[at % 3]!];
        const expected = (pixel / 255 - mean) / std;
        largest = Math.max(largest, Math.abs(numbers[at]! - expected) / Math.max(1, Math.abs(expected)));
      }
      expect(largest).toBeLessThan(1e-6);
    },
  );

  it.each(
    cases.filter(({ config: { do_rescale: rescales, rescale_factor: factor } }) => rescales !== false && !factor),
  )('agrees to the bit with what an engine makes of its uint8 pixels', ({ config }) => {
    const { resize, process, normalization } = createProcessor(config);
    const image = images[2]!;
    const pixels = resize(image).data;
    const numbers = new Float32Array(pixels.length);
    pixelNormalizer('test', normalization)(pixels, 0, numbers, 0, pixels.length);
    const expected = process(image).data;
    expect(numbers.every((number, at) => number === expected[at])).toBe(true);
  });

  it.each(cases)('makes the same processor of its resolved settings', ({ config }) => {
    const resolved = createProcessor(config).config;
    const again = createProcessor(JSON.parse(JSON.stringify(resolved))).config;
    expect(JSON.stringify(again)).toBe(JSON.stringify(resolved));
  });

  it('has one JSON for settings that mean the same', () => {
    const old = { size: 224, feature_extractor_type: 'ViTFeatureExtractor', image_std: [0.5, 0.5, 0.5] };
    expect(JSON.stringify(createProcessor(old).config)).toBe(JSON.stringify(createProcessor(vit).config));
    const fast = {
      image_processor_type: 'ViTImageProcessorFast',
      do_pad: null,
      data_format: 'channels_first',
      crop_size: null,
    };
    expect(JSON.stringify(createProcessor(fast).config)).toBe(JSON.stringify(createProcessor(vit).config));
    expect(Object.isFrozen(createProcessor(vit).config)).toBe(true);
  });

  it('takes gray images where the settings have one channel', () => {
    const processor = createProcessor({ ...vit, size: 4, image_mean: [0.1307], image_std: [0.3081] });
    expect(processor.imageShape).toEqual([4, 4, 1]);
    expect(processor.process(pillowNoise([8, 8, 1], 1)).shape).toEqual([4, 4, 1]);
  });

  it.each([
    [{}, /^createProcessor: the configuration names no image_processor_type/],
    [{ image_processor_type: 'SegformerImageProcessor' }, /'SegformerImageProcessor' is none of ViTImageProcessor/],
    [{ ...vit, size: 0 }, /^createProcessor: size is 0, expected an integer > 0/],
    [
      { ...vit, size: { shortest_edge: 224 } },
      /size is {"shortest_edge":224}, but ViTImageProcessor takes { height, width }/,
    ],
    [
      { image_processor_type: 'ConvNextImageProcessor', size: [3, 4] },
      /ConvNextImageProcessor takes { shortest_edge }/,
    ],
    [{ ...vit, size: { width: 3 } }, /size is {"width":3}, expected an integer, { height, width }/],
    [{ ...vit, size: 'big' }, /size/],
    [{ ...vit, size: { height: 3, width: 3, depth: 3 } }, /size is {.*"depth":3}, expected an integer, {/],
    [{ ...vit, resample: 9 }, /resample is 9, expected one of 0 \(nearest\), 1 \(lanczos\)/],
    [{ ...vit, do_resize: 'yes' }, /do_resize is "yes", expected true or false/],
    [{ ...vit, do_resize: false }, /do_resize is false, so images would keep sizes of their own/],
    [
      { image_processor_type: 'CLIPImageProcessor', do_center_crop: false },
      /size is {"shortest_edge":224} and nothing is cropped/,
    ],
    [
      { image_processor_type: 'CLIPImageProcessor', crop_size: { shortest_edge: 2 } },
      /crop_size is {"shortest_edge":2}/,
    ],
    [{ ...vit, image_mean: [0.5, 0.5] }, /image_mean is \[0.5,0.5\], expected one finite number for each channel/],
    [{ ...vit, image_mean: [0.5] }, /image_mean has 1 numbers and image_std 3/],
    [{ ...vit, image_std: [1, 0, 1] }, /image_std is \[1,0,1\], expected numbers > 0/],
    [{ ...vit, rescale_factor: 0 }, /rescale_factor is 0, expected a number > 0/],
    [{ ...vit, do_pad: true }, /do_pad is true, which ViTImageProcessor does not do here/],
    [{ ...vit, do_center_crop: true }, /do_center_crop is true, which ViTImageProcessor does not do here/],
    [{ ...vit, crop_pct: 0.9 }, /crop_pct is 0.9/],
  ])('refuses %o', (config, message) => {
    expect(() => createProcessor(config)).toThrow(message);
  });

  it.each([
    [
      { data: new Uint8Array(4), shape: [2, 2, 1] },
      /^processor.resize: the image has shape \[2,2,1\], but image_mean has 3 channels; decode it as RGB/,
    ],
    [
      { data: new Float32Array(12), shape: [2, 2, 3] },
      /^processor.resize: pixels are Float32Array, expected Uint8Array/,
    ],
    [{ data: new Uint8Array(12), shape: [2, 3, 3] }, /^processor.resize: shape \[2,3,3\] with 12 pixels/],
  ])('refuses the image %o', (image, message) => {
    expect(() => createProcessor(vit).resize(image)).toThrow(message);
  });

  it('refuses an image that its sides would blow up', () => {
    const narrow = { data: new Uint8Array(3 * 20_000), shape: [1, 20_000, 3] };
    expect(() => createProcessor({ image_processor_type: 'CLIPImageProcessor', size: 2240 }).resize(narrow)).toThrow(
      'processor.resize: an image of 1 x 20000 pixels would become one of 2240 x 44800000',
    );
  });
});

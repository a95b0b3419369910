import { describe, expect, it } from 'vitest';
import { pillowNoise } from '../testing/pillow-noise.ts';
import { createProcessor } from './create-processor.ts';
import { processorForSize } from './processor-for-size.ts';

const CONFIGS = {
  vit: { image_processor_type: 'ViTImageProcessor', size: { height: 224, width: 224 } },
  'vit by a number': { image_processor_type: 'ViTImageProcessor', size: 224 },
  resnet: { image_processor_type: 'ConvNextImageProcessor', size: { shortest_edge: 224 }, crop_pct: 0.875 },
  mobilenet: {
    image_processor_type: 'MobileNetV2ImageProcessor',
    size: { shortest_edge: 256 },
    crop_size: { height: 224, width: 224 },
  },
  deit: { image_processor_type: 'DeiTImageProcessor', size: 256, crop_size: 224, image_mean: [0.4, 0.5, 0.6] },
} as const;

describe.each(Object.entries(CONFIGS))('processorForSize of %s', (_, config) => {
  it('makes images of that size, normalised alike', () => {
    const { imageShape, normalization } = processorForSize(config, 96);
    expect(imageShape).toEqual([96, 96, 3]);
    expect(normalization).toEqual(createProcessor(config).normalization);
  });

  it('is the same processor for its own size', () => {
    expect(processorForSize(config, 224).config).toEqual(createProcessor(config).config);
  });

  it('shows the same part of an image', () => {
    // A bright band at the edge that a crop leaves out, at either size or at none.
    const image = pillowNoise([256, 320, 3], 1);
    image.data.fill(0);
    for (let row = 0; row < 256; row++) {
      for (let column = 0; column < 320; column++) {
        const outside = row < 8 || row >= 248 || column < 40 || column >= 280;
        if (outside) image.data.fill(255, 3 * (320 * row + column), 3 * (320 * row + column) + 3);
      }
    }
    const brightOf = (processor: ReturnType<typeof createProcessor>): number => {
      const pixels = Array.from(processor.resize(image).data);
      return pixels.reduce((sum, value) => sum + value, 0) / pixels.length / 255;
    };
    expect(brightOf(processorForSize(config, 112))).toBeCloseTo(brightOf(createProcessor(config)), 2);
  });
});

it.each([0, 96.5, Number.NaN])('refuses side %d', (side) => {
  expect(() => processorForSize(CONFIGS.vit, side)).toThrow(
    `processorForSize: side must be an integer >= 1, got ${side}`,
  );
});

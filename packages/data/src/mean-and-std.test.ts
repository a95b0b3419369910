import { describe, expect, it } from 'vitest';
import { arrayDataset } from './array-dataset.ts';
import { meanAndStd } from './mean-and-std.ts';
import { subset } from './subset.ts';
import { noise } from './testing/noise.ts';

describe('meanAndStd', () => {
  it('agrees with the definition, over all channels together', () => {
    const dataset = noise(7, [3, 4, 2]);
    const pixels = Array.from({ length: 7 }, (_, i) => Array.from(dataset.get(i).image.data, (p) => p / 255)).flat();
    const mean = pixels.reduce((a, b) => a + b) / pixels.length;
    const std = Math.sqrt(pixels.reduce((sum, p) => sum + (p - mean) ** 2, 0) / pixels.length);
    expect(meanAndStd(dataset).mean).toBeCloseTo(mean, 12);
    expect(meanAndStd(dataset).std).toBeCloseTo(std, 12);
  });

  it('takes float32 pixels as in [0, 1], from any dataset', () => {
    const base = noise(5, [2, 2, 1]);
    const floats = {
      ...base,
      get: (index: number) => {
        const { id, image } = base.get(index);
        return { id, image: { data: Float32Array.from(image.data, (pixel) => pixel / 255), shape: image.shape } };
      },
    };
    expect(meanAndStd(floats).mean).toBeCloseTo(meanAndStd(base).mean, 6);
    expect(meanAndStd(floats).std).toBeCloseTo(meanAndStd(base).std, 6);
  });

  it('looks at the samples of the subset only, and gives constant pixels std 0', () => {
    const dataset = arrayDataset({ images: { data: Uint8Array.of(0, 51, 255), shape: [3, 1, 1] } });
    expect(meanAndStd(subset(dataset, [1]))).toEqual({ mean: 0.2, std: 0 });
  });
});

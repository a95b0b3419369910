import { describe, expect, it } from 'vitest';
import json from '../../../fixtures/augment.json' with { type: 'json' };
import { resizedCrop } from '../steps/resized-crop.ts';
import { rotate, shearX, shearY, translate } from './affine.ts';
import { adjustBrightness, adjustContrast, adjustSaturation } from './colors.ts';
import { adjustHue } from './hue.ts';
import { adjustSharpness } from './sharpness.ts';
import { autoContrast, equalize, posterize, solarize } from './tone.ts';
import type { Uint8Image } from './uint8-image.ts';

interface Packed {
  shape: number[];
  data: string;
}

type Options = Record<string, number> & { box: number[]; size: [number, number]; resample: 'bilinear' | 'bicubic' };

interface Case {
  operation: string;
  image: string;
  options: Options;
  result: Packed;
}

const fixture = json as unknown as { images: Record<string, Packed>; cases: Case[] };

const unpack = ({ shape, data }: Packed): Uint8Image => ({
  shape,
  data: Uint8Array.from(atob(data), (character) => character.charCodeAt(0)),
});

const OPERATIONS: Record<string, (image: Uint8Image, options: Options) => Uint8Image> = {
  brightness: (image, { factor }) => adjustBrightness(image, factor!),
  contrast: (image, { factor }) => adjustContrast(image, factor!),
  saturation: (image, { factor }) => adjustSaturation(image, factor!),
  hue: (image, { factor }) => adjustHue(image, factor!),
  sharpness: (image, { factor }) => adjustSharpness(image, factor!),
  posterize: (image, { bits }) => posterize(image, bits!),
  solarize: (image, { threshold }) => solarize(image, threshold!),
  autoContrast: (image) => autoContrast(image),
  equalize: (image) => equalize(image),
  rotate: (image, { degrees }) => rotate(image, degrees!),
  translate: (image, { dx, dy }) => translate(image, dx!, dy!),
  shearX: (image, { amount }) => shearX(image, amount!),
  shearY: (image, { amount }) => shearY(image, amount!),
  resizedCrop: (image, { box, size, resample }) => {
    const [top, left, height, width] = box as [number, number, number, number];
    return resizedCrop(image, { top, left, height, width }, size, resample);
  },
};

describe("torchvision's pixels", () => {
  const operations = [...new Set(fixture.cases.map(({ operation }) => operation))];

  it('are compared for every operation', () => {
    expect(operations.sort()).toEqual(Object.keys(OPERATIONS).sort());
    expect(fixture.cases.length).toBeGreaterThan(300);
  });

  it.each(operations)('are those of %s, bit for bit', (operation) => {
    for (const { image, options, result } of fixture.cases.filter((entry) => entry.operation === operation)) {
      const input = unpack(fixture.images[image]!);
      const before = input.data.slice();
      const output = OPERATIONS[operation]!(input, options);
      const what = `${operation} ${JSON.stringify(options)} of '${image}'`;
      expect([...output.shape], what).toEqual(result.shape);
      const wrong = [...unpack(result).data].flatMap((pixel, i) =>
        pixel === output.data[i] ? [] : [`${i}: ${output.data[i]} for ${pixel}`],
      );
      expect(wrong, what).toEqual([]);
      expect(input.data, `${what} writes to its input`).toEqual(before);
    }
  });
});

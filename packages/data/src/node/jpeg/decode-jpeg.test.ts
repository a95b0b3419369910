import { readFileSync } from 'node:fs';
import { type ImageArray, KdError } from '@kd/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { mutated } from '../../../../core/src/testing/fixtures.ts';
import { isUpright } from '../../decode/exif-orientation.ts';
import { imageHeader } from '../../decode/image-header.ts';
import { decodeImage } from '../decode-image.ts';
import { decodeInWorker } from '../loader-workers/decode-in-worker.ts';
import { decodeJpeg } from './decode-jpeg.ts';

const folder = new URL('../../../fixtures/', import.meta.url);
const { files } = JSON.parse(readFileSync(new URL('decode.json', folder), 'utf8')) as {
  files: Record<string, { size: [number, number]; pixels: string; error?: string }>;
};
const bytesOf = (name: string): Uint8Array => readFileSync(new URL(`decode/${name}`, folder));
const decode = (bytes: Uint8Array) => decodeJpeg(bytes, imageHeader(bytes) ?? { format: 'jpeg' });

// See fixtures/make_decode_fixtures.py.
const ORDINARY = [
  'rgb.jpg',
  'full-chroma.jpg',
  'half-chroma.jpg',
  'progressive.jpg',
  'gray.jpg',
  'profile.jpg',
  'odd-13x7.jpg',
  'one-pixel.jpg',
  'trailing-bytes.jpg',
  'exif-1.jpg',
];

describe('decodeJpeg', () => {
  it.each(ORDINARY)('gives the pixels that Pillow gives: %s', async (name) => {
    const { size, pixels } = files[name]!;
    const image = await decode(bytesOf(name));
    expect(image).toEqual({ data: new Uint8Array(Buffer.from(pixels, 'base64')), shape: [...size, 3] });
  });

  it.each(Object.keys(files).filter((name) => /\.jpe?g$/.test(name) && !ORDINARY.includes(name)))(
    'leaves %s to sharp',
    async (name) => {
      expect(await decode(bytesOf(name))).toBeUndefined();
    },
  );

  it('leaves very large images to sharp, and keeps what it gave before', async () => {
    const jpeg = async (width: number, height: number): Promise<Uint8Array> =>
      sharp({ create: { width, height, channels: 3, background: '#286040' } })
        .jpeg()
        .toBuffer();
    expect(await decode(await jpeg(2049, 2048))).toBeUndefined();
    const first = await decode(bytesOf('rgb.jpg'));
    const kept = first!.data.slice();
    expect((await decode(await jpeg(2048, 2048)))!.shape).toEqual([2048, 2048, 3]);
    expect(first!.data).toEqual(kept);
  });
});

describe('decodeInWorker', () => {
  it.each(['rgb.jpg', 'gray.jpg', 'progressive.jpg', 'exif-6.jpg', 'cmyk.jpg'])(
    'decodes and refuses damaged files as decodeImage does: %s',
    async (name) => {
      const original = bytesOf(name);
      const outcomes = { decoded: 0, refused: 0 };
      for (let id = 0; id < 100; id++) {
        const bytes = mutated(original, id);
        const [here, there] = await Promise.all(
          [decodeImage, decodeInWorker].map((one) =>
            one(bytes, { maxPixels: 1e6, name }).catch((error: unknown) => error),
          ),
        );
        outcomes[here instanceof Error ? 'refused' : 'decoded'] += 1;
        if (here instanceof Error) expect(KdError.isInstance(there)).toBe(true);
        // Not the pixels: where numbers overflow, libjpeg-turbo's C and its assembler give different garbage.
        else expect((there as ImageArray).shape).toEqual((here as ImageArray).shape);
      }
      expect(Math.min(outcomes.decoded, outcomes.refused)).toBeGreaterThan(10);
    },
  );

  it('takes no other arguments', async () => {
    await expect(decodeInWorker('leaf.jpg' as unknown as Uint8Array)).rejects.toThrow('decodeImage: image is String');
    await expect(decodeInWorker(bytesOf('rgb.jpg'), { maxPixels: 100, name: 'a' })).rejects.toThrow('claims 20 x 12');
  });
});

describe('isUpright', () => {
  const exif = bytesOf('exif-6.jpg');
  it('is so without Exif data, and with those that say so', () => {
    expect(['rgb.jpg', 'exif-1.jpg', 'exif-6.jpg', 'exif-8.jpg'].map((name) => isUpright(bytesOf(name)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('is not certain where the Exif data are damaged', () => {
    const start = Buffer.from(exif).indexOf('Exif') + 6;
    for (let at = start + 4; at < start + 10; at++) {
      const damaged = Uint8Array.from(exif);
      damaged[at] = 0xff;
      expect([at - start, isUpright(damaged)]).toEqual([at - start, false]);
    }
  });
});

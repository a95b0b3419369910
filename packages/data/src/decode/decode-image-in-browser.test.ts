import { describe, expect, it } from 'vitest';
import fixtures from '../../fixtures/decode.json' with { type: 'json' };
import { decodeImageInBrowser } from './decode-image-in-browser.ts';

const inBrowser = typeof OffscreenCanvas === 'function';
const files = fixtures.files as unknown as Record<
  string,
  { size: number[]; pixels: string; turnedSize?: number[]; turned?: string }
>;
const bytesOfText = (base64: string): Uint8Array =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

async function fixture(name: string): Promise<Uint8Array> {
  const response = await fetch(new URL(`../../fixtures/decode/${name}`, import.meta.url));
  return new Uint8Array(await response.arrayBuffer());
}

const inTheBrowser = (): void => {
  it.each([
    ['rgb.jpg'],
    ['full-chroma.jpg'],
    ['progressive.jpg'],
    ['gray.jpg'],
    ['exif-2.jpg'],
    ['exif-6.jpg'],
    ['exif-7.jpg'],
    ['rgb.png'],
    ['palette.png'],
    ['profile.png'],
    ['16-bit-rgb.png'],
    ['animated.gif'],
    ['lossless.webp'],
    ['animated.webp'],
  ])('reads %s as Pillow does, but for the last bit', async (name) => {
    const { size, pixels, turnedSize = size, turned = pixels } = files[name]!;
    const { data, shape } = await decodeImageInBrowser(await fixture(name), { name });
    expect(shape).toEqual([...turnedSize, 3]);
    const expected = bytesOfText(turned);
    const largest = expected.reduce((so, value, at) => Math.max(so, Math.abs(value - data[at]!)), 0);
    expect(largest).toBeLessThanOrEqual(1);
  });

  it.each(['cut-in-header.jpg', 'cut.webp', 'empty.jpg', 'text.jpg', 'bomb.png', 'bomb.gif'])(
    'refuses %s by its name',
    async (name) => {
      await expect(decodeImageInBrowser(await fixture(name), { name })).rejects.toMatchObject({
        code: 'INVALID_DATA',
        message: expect.stringContaining(`decodeImageInBrowser: ${name}`),
      });
    },
  );
};

const inNode = (): void => {
  it('sends Node to its own decoder', async () => {
    await expect(
      decodeImageInBrowser(bytesOfText('R0lGODdhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=')),
    ).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('in Node use decodeImage of @kd/data/node'),
    });
  });
};

describe('decodeImageInBrowser', inBrowser ? inTheBrowser : inNode);

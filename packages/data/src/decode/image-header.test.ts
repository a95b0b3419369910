import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { imageHeader } from './image-header.ts';

const folder = new URL('../../fixtures/decode/', import.meta.url);
const { files } = JSON.parse(readFileSync(new URL('../decode.json', folder), 'utf8')) as {
  files: Record<string, { size?: [number, number] }>;
};
const whole = Object.keys(files).filter((name) => files[name]!.size);
const FORMATS: Record<string, string> = { jpg: 'jpeg', png: 'png', gif: 'gif', webp: 'webp', tif: 'tiff' };

it.each(whole)('reads format and size of %s', (name) => {
  const header = imageHeader(readFileSync(new URL(name, folder)))!;
  const ending = name === 'named.jpeg-is-a.png.jpg' ? 'png' : name.slice(name.lastIndexOf('.') + 1);
  expect(header.format).toBe(FORMATS[ending]);
  if (header.format !== 'tiff') expect([header.height, header.width]).toEqual(files[name]!.size);
});

it('reads the size of a lossy WebP without its extended header, as files of 2010 are', () => {
  const bytes = new Uint8Array(30);
  bytes.set(new TextEncoder().encode('RIFF....WEBPVP8 '));
  new DataView(bytes.buffer).setUint32(26, 640 | (480 << 16), true);
  expect(imageHeader(bytes)).toEqual({ format: 'webp', width: 640, height: 480 });
});

it('survives whatever the bytes are', () => {
  const starts = readdirSync(folder).map((name) => readFileSync(new URL(name, folder)));
  fc.assert(
    fc.property(
      fc.constantFrom(...starts),
      fc.nat(600),
      fc.array(fc.tuple(fc.nat(600), fc.nat(255))),
      (start, length, changes) => {
        const bytes = Uint8Array.from(start.subarray(0, length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const header = imageHeader(bytes);
        if (header?.width !== undefined) expect(header.width).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 2000 },
  );
});

it.each([[''], ['leaf'], ['<svg xmlns="http://www.w3.org/2000/svg"/>'], ['%PDF-1.7']])(
  'knows no image in %j',
  (text) => {
    expect(imageHeader(new TextEncoder().encode(text))).toBeUndefined();
  },
);

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import fixtures from '../../fixtures/beans.json' with { type: 'json' };
import { imageHeader } from '../decode/image-header.ts';
import { decodeImage } from '../node/decode-image.ts';
import { decodeJpeg } from '../node/jpeg/decode-jpeg.ts';
import { createProcessor } from './create-processor.ts';

/** The whole data set, beside the repository; not everyone has it. */
const folder = fileURLToPath(new URL('../../../../../shared/data/beans/', import.meta.url));
const isThere = existsSync(`${folder}/test`);
const AT_ONCE = 8;

describe.skipIf(!isThere)(`all of beans${isThere ? '' : ' (skipped: no ../shared/data/beans)'}`, () => {
  const pathsOf = (split: keyof typeof fixtures.splits): string[] => {
    const paths = readdirSync(`${folder}/${split}`).flatMap((name) =>
      readdirSync(`${folder}/${split}/${name}`).map((file) => `${split}/${name}/${file}`),
    );
    expect(paths.length).toBe(fixtures.splits[split].images);
    return paths.sort();
  };

  it.each(['train', 'validation', 'test'] as const)(
    'has the pixels of Pillow and transformers in %s',
    async (split) => {
      const { images: _, ...expected } = fixtures.splits[split];
      const paths = pathsOf(split);
      const processors = Object.entries(fixtures.configs).map(
        ([name, config]) => [name, createProcessor(config), createHash('sha256')] as const,
      );
      const decoded = createHash('sha256');
      for (let from = 0; from < paths.length; from += AT_ONCE) {
        const some = paths.slice(from, from + AT_ONCE);
        for (const image of await Promise.all(some.map((path) => decodeImage(readFileSync(`${folder}/${path}`))))) {
          decoded.update(image.data as Uint8Array);
          for (const [, processor, hash] of processors) hash.update(processor.resize(image).data as Uint8Array);
        }
      }
      const digests = processors.map(([name, , hash]) => [name, hash.digest('hex')]);
      expect({ decoded: decoded.digest('hex'), ...Object.fromEntries(digests) }).toEqual(expected);
    },
  );

  it.each(['train', 'validation', 'test'] as const)('has the pixels of Pillow in workers too in %s', async (split) => {
    const decoded = createHash('sha256');
    for (const path of pathsOf(split)) {
      const bytes = readFileSync(`${folder}/${path}`);
      decoded.update((await decodeJpeg(bytes, imageHeader(bytes)!))!.data);
    }
    expect(decoded.digest('hex')).toBe(fixtures.splits[split].decoded);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSafetensors } from '@kd/core';
import { describe, expect, it } from 'vitest';
import { loadProcessor } from '../node/load-processor.ts';
import { readImage } from '../node/read-image.ts';

/** Images and what transformers makes of them, beside the repository; not everyone has them. */
const folder = fileURLToPath(new URL('../../../../../shared/goldens/hf/processors/', import.meta.url));
const isThere = existsSync(`${folder}/manifest.json`);
const reason = isThere ? '' : ' (skipped: no ../shared/goldens/hf/processors)';

interface Manifest {
  images: Record<string, { file: string; variants: Record<string, Record<string, { mean: number; std: number }>> }>;
}

const tensorsOf = (file: string): Map<string, { shape: readonly number[]; data: ArrayLike<number> }> =>
  new Map(readSafetensors(readFileSync(`${folder}/${file}`)).tensors.map((tensor) => [tensor.name, tensor]));

describe.skipIf(!isThere)(`the image processors of transformers${reason}`, () => {
  it('see the same pixels and give the same numbers', async () => {
    const { images } = JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')) as Manifest;
    const pixels = tensorsOf('expected_uint8.safetensors');
    const crops = tensorsOf('expected_float_crop.safetensors');
    let compared = 0;
    for (const { file, variants } of Object.values(images)) {
      for (const [variant, processors] of Object.entries(variants)) {
        const exifOrientation = !variant.endsWith('@unrotated');
        const image = await readImage(`${folder}/images/${file}`, { exifOrientation });
        const decoded = pixels.get(`decoded/${variant}`)!;
        expect(image.shape, variant).toEqual(decoded.shape);
        expect(Buffer.compare(image.data as Uint8Array, Uint8Array.from(decoded.data)), variant).toBe(0);
        for (const [name, { mean, std }] of Object.entries(processors)) {
          const processor = await loadProcessor(`${folder}/${name}`);
          const resized = processor.resize(image);
          expect(resized.shape).toEqual([224, 224, 3]);
          const expected = Uint8Array.from(pixels.get(`${name}/${variant}`)!.data);
          expect(Buffer.compare(resized.data as Uint8Array, expected), `${name} of ${variant}`).toBe(0);

          const data = processor.process(image).data as Float32Array;
          const crop = crops.get(`${name}/${variant}`)!; // [3, 8, 8], from row and column 100
          const cropped = Array.from(crop.data, (_, at) => {
            const [channel, y, x] = [Math.trunc(at / 64), Math.trunc(at / 8) % 8, at % 8];
            return data[((100 + y) * 224 + 100 + x) * 3 + channel]!;
          });
          expect(cropped, `${name} of ${variant}`).toEqual(Array.from(crop.data));
          const average = data.reduce((sum, value) => sum + value, 0) / data.length;
          const variance = data.reduce((sum, value) => sum + (value - average) ** 2, 0) / data.length;
          expect(average).toBeCloseTo(mean, 6);
          expect(Math.sqrt(variance)).toBeCloseTo(std, 6);
          compared++;
        }
      }
    }
    expect(compared).toBe(24); // 8 variants of 7 images, 3 processors
  });
});

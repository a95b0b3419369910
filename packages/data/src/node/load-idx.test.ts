import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idxBytes } from '../testing/idx-bytes.ts';
import { loadIdx } from './load-idx.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd idx '));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe('loadIdx', () => {
  it('loads plain and gzipped files alike, whatever they are called', async () => {
    const [pixels, classes] = [idxBytes([3, 4, 5]), idxBytes([3], [2, 0, 1])];
    const plain = await loadIdx({ images: await write('a', pixels), labels: await write('b.gz', classes) });
    const zipped = await loadIdx({
      images: await write('c', gzipSync(pixels)),
      labels: await write('d.gz', gzipSync(classes)),
    });
    expect(zipped.get(1)).toEqual({
      id: 1,
      label: 0,
      image: { data: Uint8Array.from({ length: 20 }, (_, i) => 20 + i), shape: [4, 5, 1] },
    });
    expect(await zipped.fingerprint()).toBe(await plain.fingerprint());
    expect(plain.classNames).toEqual(['0', '1', '2']);
  });

  it('loads images without labels', async () => {
    const dataset = await loadIdx({ images: await write('a', idxBytes([3, 1, 1])), classNames: ['x'] });
    expect(dataset.get(0).label).toBeUndefined();
    expect(dataset.classNames).toEqual(['x']);
  });

  it('refuses a gzipped file cut at any byte', async () => {
    const bytes = gzipSync(idxBytes([3, 4, 5]));
    for (let length = 2; length < bytes.length; length++) {
      const images = await write('a.gz', bytes.subarray(0, length));
      await expect(loadIdx({ images }), `${length} bytes`).rejects.toThrow(
        expect.objectContaining({ code: 'INVALID_DATA', message: expect.stringContaining('truncated or damaged') }),
      );
    }
  });

  it('names a damaged gzipped file', async () => {
    const bytes = gzipSync(idxBytes([3, 4, 5]));
    bytes[bytes.length - 6]! ^= 1; // in the checksum
    const images = await write('a.gz', bytes);
    await expect(loadIdx({ images })).rejects.toThrow(
      `loadIdx: ${images}: cannot gunzip ${bytes.length} bytes (incorrect data check): truncated or damaged, fetch it again`,
    );
  });

  it('names a truncated plain file', async () => {
    const images = await write('a', idxBytes([3, 4, 5]).subarray(0, 70));
    await expect(loadIdx({ images })).rejects.toThrow(`parseIdx: ${images}: shape [3,4,5] takes 76 bytes, got 70`);
  });

  it('names a file that is not there, or is a folder', async () => {
    const images = join(folder, 'no such file');
    await expect(loadIdx({ images })).rejects.toThrow(`loadIdx: cannot read ${images}: ENOENT`);
    await expect(loadIdx({ images: folder })).rejects.toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message: expect.stringContaining('EISDIR') }),
    );
  });

  it('notices swapped files', async () => {
    const [images, labels] = [await write('a', idxBytes([3, 4, 5])), await write('b', idxBytes([3]))];
    await expect(loadIdx({ images: labels, labels: images })).rejects.toThrow(
      `loadIdx: ${labels}: has shape [3], expected [samples, height, width]: are images and labels swapped?`,
    );
    await expect(loadIdx({ images, labels: images })).rejects.toThrow(
      `loadIdx: ${images}: has shape [3,4,5], expected [samples]: are images and labels swapped?`,
    );
  });

  it('notices labels of other images', async () => {
    const [images, labels] = [await write('a', idxBytes([3, 4, 5])), await write('b', idxBytes([4]))];
    await expect(loadIdx({ images, labels })).rejects.toThrow(
      `arrayDataset: ${images}: 3 images and 4 labels do not belong together`,
    );
  });
});

import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EncodedDataset, type ImageDataset, KdError } from '@kd/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessor } from '../processors/create-processor.ts';
import { dataLoader } from './data-loader.ts';
import { folderDataset } from './folder-dataset.ts';
import { processedDataset } from './processed-dataset.ts';
import { readImage } from './read-image.ts';

/** Files of every kind, whole and broken, in one folder: what a loader makes of it as a whole. */

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const { files } = JSON.parse(await readFile(join(fixtures, 'decode.json'), 'utf8')) as {
  files: Record<string, { error?: string }>;
};
const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 16, width: 16 } });
const MADE = ['empty-here.png', 'gone.png', 'leads-nowhere.jpg'];
const isWhole = (id: string): boolean => !MADE.includes(id) && files[id]!.error === undefined;

let folder: string;
let dataset: EncodedDataset;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd broken '));
  await cp(join(fixtures, 'decode'), folder, { recursive: true });
  await writeFile(join(folder, 'empty-here.png'), '');
  await writeFile(join(folder, 'gone.png'), 'x');
  await symlink('nowhere', join(folder, 'leads-nowhere.jpg'));
  dataset = await folderDataset(folder);
  await rm(join(folder, 'gone.png'));
});
afterEach(() => rm(folder, { recursive: true }));

const ids = (): string[] => Array.from({ length: dataset.length }, (_, index) => dataset.info(index).id);

/** Pixels of each sample by its id. */
async function shown(data: EncodedDataset | ImageDataset): Promise<Record<string, Uint8Array>> {
  const pixels: Record<string, Uint8Array> = {};
  const loader = dataLoader(data, {
    batchSize: 16,
    shuffle: true,
    seed: 2,
    processor,
    output: 'uint8',
    onError: 'skip',
  });
  for await (const batch of loader) {
    const rows = batch.images.data as Uint8Array;
    batch.ids.forEach((id: number | string, row: number) => {
      pixels[id] = rows.slice(row * 768, (row + 1) * 768);
    });
  }
  return pixels;
}

describe('a folder of files of every kind', () => {
  it('is loaded without the broken ones, with the pixels of readImage', async () => {
    const pixels = await shown(dataset);
    expect(Object.keys(pixels).sort()).toEqual(ids().filter(isWhole).sort());
    for (const id of Object.keys(pixels)) {
      expect(pixels[id], id).toEqual(processor.resize(await readImage(join(folder, id))).data);
    }
  });

  it('says of each broken one what is wrong, also of several at a time', async () => {
    const loader = dataLoader(dataset, { batchSize: 70, processor, onError: 'skip', concurrency: 16 });
    for (let epoch = 0; epoch < 3; epoch++)
      for await (const batch of loader.epoch(epoch)) expect(batch.ids).toBeDefined();
    expect(loader.skipped.map(({ id }) => id)).toEqual(ids().filter((id) => !isWhole(id)));
    for (const { id, error } of loader.skipped) {
      expect(error.message).toContain(`sample '${id}'`);
      expect(error.message).not.toMatch(/Unknown error|: $/);
    }
  });

  it('is cached without the broken ones, which are named', async () => {
    const cached = await processedDataset(dataset, processor, { cacheDir: join(folder, '.cache'), onError: 'skip' });
    try {
      expect(cached.skipped.map(({ id }) => id)).toEqual(ids().filter((id) => !isWhole(id)));
      expect(await shown(cached)).toEqual(await shown(dataset));
    } finally {
      cached.close();
    }
  });

  it('ends at the first broken one in its batch, by its name', async () => {
    const first = ids().findIndex((id) => !isWhole(id));
    const seen: (number | string)[] = [];
    const all = async (): Promise<void> => {
      for await (const batch of dataLoader(dataset, { batchSize: 1, processor })) seen.push(...batch.ids);
    };
    const error = await all().catch((caught: unknown) => caught);
    expect(seen).toEqual(ids().slice(0, first));
    expect(KdError.isInstance(error) && error.message).toContain(`sample '${ids()[first]}' (index ${first})`);
  });
});

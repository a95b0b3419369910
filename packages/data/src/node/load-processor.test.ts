import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '@kd/core/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HubServer, startHubServer } from '../../../core/src/node/hub/testing/hub-server.ts';
import { loadProcessor } from './load-processor.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (files: Record<string, unknown>): Promise<unknown> =>
  Promise.all(
    Object.entries(files).map(([name, content]) =>
      writeFileAtomic(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content)),
    ),
  );

describe('loadProcessor', () => {
  it('reads preprocessor_config.json', async () => {
    await write({ 'preprocessor_config.json': { image_processor_type: 'DeiTImageProcessor', crop_size: 96 } });
    expect((await loadProcessor(folder)).imageShape).toEqual([96, 96, 3]);
  });

  it('finds the class by the model where the configuration names none', async () => {
    await write({
      'preprocessor_config.json': { size: 224, crop_pct: 0.875 },
      'config.json': { model_type: 'resnet' },
    });
    expect((await loadProcessor(folder)).config).toMatchObject({ image_processor_type: 'ConvNextImageProcessor' });
  });

  it.each([
    [{}, 'NOT_FOUND', /no file 'preprocessor_config.json'/],
    [{ 'preprocessor_config.json': '{' }, 'INVALID_DATA', /^loadProcessor: .*preprocessor_config.json is not JSON/],
    [{ 'preprocessor_config.json': '[1]' }, 'INVALID_DATA', /does not hold a JSON object/],
    [{ 'preprocessor_config.json': {} }, 'NOT_FOUND', /no file 'config.json'/],
    [
      { 'preprocessor_config.json': {}, 'config.json': { model_type: 'segformer' } },
      'UNSUPPORTED',
      /^loadProcessor: preprocessor_config.json names no class, and model_type 'segformer' is none of bit, clip/,
    ],
  ])('refuses %o', async (files, code, message) => {
    await write(files);
    await expect(loadProcessor(folder)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('loads from the Hub, and without it from the cache', async () => {
    const hub: HubServer = await startHubServer();
    const commit = 'a'.repeat(40);
    const config = new TextEncoder().encode('{"feature_extractor_type": "ViTFeatureExtractor", "size": 48}');
    hub.repos['org/vit'] = { refs: { main: commit }, files: { [commit]: { 'preprocessor_config.json': config } } };
    const options = { hubUrl: hub.url, cacheDir: folder };
    expect((await loadProcessor('org/vit', options)).imageShape).toEqual([48, 48, 3]);
    await hub.close();
    expect((await loadProcessor('org/vit', { ...options, offline: true })).imageShape).toEqual([48, 48, 3]);
  });
});

// Photographs, decoded by the browser, through processor and loader: the pixels of Pillow and transformers in Python.
import { createProcessor, dataLoader, decodeImageInBrowser, encodedDataset } from '@kd/data';
import { expect, it } from 'vitest';
import beans from '../../packages/data/fixtures/beans.json' with { type: 'json' };
import { sha256 } from '../../packages/data/src/testing/sha256.ts';

/** By path; empty where the repository has no shared folder beside it. */
const photographs = import.meta.glob<string>('../../../shared/data/beans/test/*/*.jpg', {
  query: '?url',
  import: 'default',
});
const paths = Object.keys(photographs).sort();
const expected = beans.splits.test;

const dataset = encodedDataset({
  ids: paths,
  read: async (index) => {
    const response = await fetch(await photographs[paths[index]!]!());
    return new Uint8Array(await response.arrayBuffer());
  },
});

it.for(['vit', 'resnet'] as const)(
  "%s's processor gives transformers' pixels of 128 photographs",
  async (name, { skip }) => {
    if (paths.length === 0) skip('there is no ../shared/data/beans');
    expect(paths).toHaveLength(expected.images);
    const processor = createProcessor(beans.configs[name]);
    const loader = dataLoader(dataset, { batchSize: 32, processor, decode: decodeImageInBrowser, output: 'uint8' });
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for await (const { images } of loader) parts.push(images.data as Uint8Array<ArrayBuffer>);
    expect(await sha256(new Uint8Array(await new Blob(parts).arrayBuffer()))).toBe(expected[name]);
  },
);

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Batch, EncodedDataset } from '@kd/core';
import { expect, it } from 'vitest';
import { augmentation } from '../augment/augmentation.ts';
import { createProcessor } from '../processors/create-processor.ts';
import { pngDataset } from '../testing/png-dataset.ts';
import { dataLoader } from './data-loader.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function megabytes(): Promise<number> {
  for (let n = 0; n < 3; n++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20)); // buffers are freed on another thread
  }
  return process.memoryUsage().rss / 2 ** 20;
}

const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 160, width: 160 } });
const augment = augmentation([{ type: 'horizontalFlip' }, { type: 'randAugment' }]);

/** How much more is in use after epochs 4 to 10 than after the first three, of 20 MB of pixels each. */
async function growth(dataset: EncodedDataset, keep: (batch: Batch) => void): Promise<number> {
  const loader = dataLoader(dataset, { batchSize: 16, processor, augment, shuffle: true });
  let before = 0;
  for (let epoch = 0; epoch < 10; epoch++) {
    for await (const batch of loader.epoch(epoch)) keep(batch);
    if (epoch === 2) before = await megabytes();
  }
  return (await megabytes()) - before;
}

it('keeps memory flat over ten epochs', async () => {
  const dataset = await pngDataset(68);
  const kept: Batch[] = [];
  const [flat, leaking] = [await growth(dataset, () => {}), await growth(dataset, (batch) => kept.push(batch))];
  // 7 epochs of 20 MB, if each were kept; what the allocator keeps in reserve differs by tens of MB from run to run.
  expect(leaking).toBeGreaterThan(100);
  expect(flat).toBeLessThan(70);
});

/**
 * Whether memory stays flat: 100 000 generated images of many sizes through the loader, in as many epochs as asked for.
 *
 *     pnpm --filter @kd-bench/data memory -- --images 100000 --epochs 2
 */
import { parseArgs } from 'node:util';
import { randomSource } from '@kd/core';
import { augmentation, createProcessor, encodedDataset } from '@kd/data';
import { dataLoader } from '@kd/data/node';
import sharp from 'sharp';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    images: { type: 'string', default: '100000' },
    epochs: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log('Usage: pnpm --filter @kd-bench/data memory -- [--images 100000] [--epochs 1]');
  process.exit();
}
const images = Number(values.images);

/** Different files made of few: their sizes and colours, and bytes after the end that no decoder looks at. */
const templates = await Promise.all(
  Array.from({ length: 64 }, async (_, i) => {
    const random = randomSource({ seed: 1, stream: 'image', id: i });
    const [width, height] = [64 + random.below(200), 64 + random.below(200)];
    const background = { r: random.below(256), g: random.below(256), b: random.below(256) };
    const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
    return new Uint8Array(
      await sharp({ create: { width, height, channels: 3, background, noise } })
        .jpeg()
        .toBuffer(),
    );
  }),
);
const dataset = encodedDataset({
  ids: Array.from({ length: images }, (_, i) => `generated-${i}.jpg`),
  labels: Array.from({ length: images }, (_, i) => i % 10),
  read: async (index) => Uint8Array.from(templates[index % templates.length]!),
});
const loader = dataLoader(
  { ...dataset, fingerprint: async () => 'generated' },
  {
    batchSize: 64,
    shuffle: true,
    processor: createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 96, width: 96 } }),
    augment: augmentation([{ type: 'randomResizedCrop', size: 96 }, { type: 'horizontalFlip' }]),
    output: 'uint8',
  },
);

const megabytes = (): number => Math.round(process.memoryUsage().rss / 2 ** 20);
let seen = 0;
const start = performance.now();
for (let epoch = 0; epoch < Number(values.epochs); epoch++) {
  for await (const { ids } of loader.epoch(epoch)) {
    seen += ids.length;
    if (Math.floor(seen / 5000) !== Math.floor((seen - ids.length) / 5000)) {
      const rate = (1000 * seen) / (performance.now() - start);
      console.log(`${seen} images, ${megabytes()} MB, ${rate.toFixed(0)} images/s`);
    }
  }
}
console.log(`${seen} images, ${megabytes()} MB at the end`);

/**
 * A process of its own that makes a cache: `node … make-cache.ts <folder> [slowly]`; prints the pixels' sum. Slowly, it
 * never comes to an end.
 */

import { processedDataset } from '../node/processed-dataset.ts';
import { createProcessor } from '../processors/create-processor.ts';
import { pngDataset } from './png-dataset.ts';

const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 32, width: 24 } });
const [, , cacheDir, slowly] = process.argv;
const encoded = await pngDataset(60);
const read = (index: number): Promise<Uint8Array> =>
  slowly ? new Promise(() => setInterval(() => {}, 1000)) : encoded.read(index);
const dataset = await processedDataset({ ...encoded, read }, processor, { cacheDir: cacheDir! });
let sum = 0;
for (let index = 0; index < dataset.length; index++) {
  for (const pixel of dataset.get(index).image.data) sum += pixel;
}
dataset.close();
process.stdout.write(`${sum}`);

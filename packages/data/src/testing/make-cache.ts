/** A process of its own that makes a cache: `node … make-cache.ts <folder>`; prints the pixels' sum. */

import { processedDataset } from '../node/processed-dataset.ts';
import { createProcessor } from '../processors/create-processor.ts';
import { pngDataset } from './png-dataset.ts';

const processor = createProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 32, width: 24 } });
const dataset = await processedDataset(await pngDataset(60), processor, { cacheDir: process.argv[2]! });
let sum = 0;
for (let index = 0; index < dataset.length; index++) {
  for (const pixel of dataset.get(index).image.data) sum += pixel;
}
dataset.close();
process.stdout.write(`${sum}`);

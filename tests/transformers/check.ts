/** Compares with Python's transformers what no fixture can hold: see docs/transformers.md. `npm run check:transformers` */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { selectBackend } from '@kd/backend/node';
import { runPython } from '../lib/python.ts';
import { comparePretrained } from './pretrained.ts';
import { saveModels } from './save-models.ts';
import { compareTrainerState } from './trainer-state.ts';

const shared = (path: string): string => fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    model: { type: 'string', default: shared('models/vit-tiny-tinyimagenet') },
    images: { type: 'string', default: shared('data/beans/test') },
    count: { type: 'string', default: '32' },
  },
});

const imageFolder = resolve(process.env.INIT_CWD ?? '.', values.images); // npm starts this in tests/

/** That many of the images in a folder, spread evenly over it. */
async function someImages(folder: string, count: number): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  const images = files.filter((file) => /\.(jpe?g|png)$/i.test(file)).sort();
  return Array.from({ length: count }, (_, i) => join(folder, images[Math.floor((i * images.length) / count)]!));
}

console.log((await selectBackend()).summary);
/** @returns whether all is as it should be */
async function check(folder: string): Promise<boolean> {
  console.log('\nWhat savePretrained writes, loaded in Python:');
  await saveModels(join(folder, 'saved'));
  await runPython('transformers', 'check_saved.py', join(folder, 'saved'));

  console.log('\nThe state in a checkpoint of train(), read by TrainerState.load_from_json:');
  console.log(`ok     ${await compareTrainerState(join(folder, 'run'))}`);

  console.log(`\n${basename(values.model)} on photographs:`);
  const isOurs = values.model.startsWith(shared(''));
  if (isOurs && !(existsSync(values.model) && existsSync(imageFolder))) {
    console.log('not run: it is not there; --model and --images name others');
    return true;
  }
  const chosen = await someImages(imageFolder, Number(values.count));
  const { images, logits, largest, topFive, scores, best } = await comparePretrained(values.model, chosen, folder);
  console.log(`logits up to ${largest.toFixed(1)}, off by ${logits.toExponential(1)} at most`);
  console.log(`the five best classes in the same order: ${topFive} of ${images} images`);
  console.log(`from the files on: best class the same for ${best}, scores off by ${scores.toExponential(1)} at most`);
  return logits <= 1e-4 && topFive === images && best === images;
}

const folder = await mkdtemp(join(tmpdir(), 'kd transformers '));
try {
  if (!(await check(folder))) process.exitCode = 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

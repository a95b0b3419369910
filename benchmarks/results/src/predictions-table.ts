import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '@kd/core';
import { predictions } from '@kd/metrics';

const CELL = /^([^/]+)\/seed-(\d+)\/result\.safetensors$/;

/** The classes that one run gave the test images. */
interface Tested {
  run: string;
  ids: string[];
  labels: number[];
  classes: number[];
}

function tested(folder: string, path: string): Tested {
  const { tensors, metadata } = readSafetensors(readFileSync(join(folder, path)));
  const data = (wanted: string): number[] => Array.from(tensors.find(({ name }) => name === wanted)!.data, Number);
  const ids = JSON.parse(metadata.ids!) as string[];
  const [, arm, seed] = CELL.exec(path)!;
  return {
    run: `${arm} ${seed}`,
    ids,
    labels: data('labels'),
    classes: [...predictions(data('logits'), ids.length)],
  };
}

/** CSV of a study: test images by row, runs by column, the class that each run gave each image. Enough for any paired test. */
export function predictionsTable(folder: string, paths: readonly string[]): string {
  const runs = paths.filter((path) => CELL.test(path)).map((path) => tested(folder, path));
  const [first] = runs;
  if (!first) throw new Error(`'${folder}' has no run that has ended`);
  for (const { run, ids } of runs) {
    if (ids.join() !== first.ids.join()) throw new Error(`${run} was tested on other images than ${first.run}`);
  }
  const rows = first.ids.map((id, i) => [id, first.labels[i], ...runs.map(({ classes }) => classes[i])]);
  return [['image', 'label', ...runs.map(({ run }) => run)], ...rows].map((row) => `${row.join()}\n`).join('');
}

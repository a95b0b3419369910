import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSafetensors } from '@kd/core';
import { predictions } from '@kd/metrics';

/** What everybody may read again: how a run was set, what it logged, and its comparison. */
const KEPT = /^(comparison\.json|cells\.csv|accuracy\.svg|[^/]+\/seed-\d+\/(config\.json|metrics\.jsonl))$/;
const CELL = /^([^/]+)\/seed-(\d+)\/result\.safetensors$/;

const readText = (path: string): string => readFileSync(path, 'utf8');

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

/** Test images by row, runs by column: the class that each run gave each image. Enough for any paired test. */
function predictionsTable(runs: readonly Tested[]): string {
  const [{ ids, labels }] = runs as [Tested];
  for (const other of runs) {
    if (other.ids.join() !== ids.join())
      throw new Error(`${other.run} was tested on other images than ${runs[0]!.run}`);
  }
  const rows = ids.map((id, i) => [id, labels[i], ...runs.map(({ classes }) => classes[i])]);
  return [['image', 'label', ...runs.map(({ run }) => run)], ...rows].map((row) => `${row.join()}\n`).join('');
}

/**
 * Copies what a study found, without weights, images and the teacher's answers.
 *
 * @param rewrites `from=to`, of paths that only this machine has
 * @returns number of files
 */
export function keepStudy(folder: string, target: string, rewrites: readonly string[]): number {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
  const cells = paths.filter((path) => CELL.test(path));
  if (!paths.includes('comparison.json') || cells.length === 0)
    throw new Error(`'${folder}' is no study that has ended`);
  const files = new Map(paths.filter((path) => KEPT.test(path)).map((path) => [path, readText(join(folder, path))]));
  files.set('predictions.csv', predictionsTable(cells.map((path) => tested(folder, path))));
  rmSync(target, { recursive: true, force: true });
  for (const [path, text] of files) {
    const rewritten = rewrites.reduce((content, rule) => {
      const [from, to] = rule.split('=') as [string, string];
      return content.replaceAll(from, to);
    }, text);
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), rewritten);
  }
  return files.size;
}

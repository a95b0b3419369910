import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { predictionsTable } from './predictions-table.ts';

type Files = Map<string, string>;

const OF_STUDY = /^(comparison\.json|cells\.csv|accuracy\.svg|[^/]+\/seed-\d+\/(config\.json|metrics\.jsonl))$/;
const OF_MNIST = /^(config\.json|accuracy\.svg|(seed-\d+\/)?metrics\.jsonl)$/;

const read = (folder: string, paths: readonly string[]): Files =>
  new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));

/** A `study()`: settings, logs and comparison, and what each run said of the test images. */
function ofStudy(folder: string, paths: readonly string[]): Files {
  const kept = paths.filter((path) => OF_STUDY.test(path));
  return read(folder, kept).set('predictions.csv', predictionsTable(folder, paths));
}

/** A run of examples/mnist-mlp: settings, logs and results without the pictures, whose epochs are in the logs. */
function ofMnist(folder: string, paths: readonly string[]): Files {
  const kept = paths.filter((path) => OF_MNIST.test(path));
  const shortened = (key: string, value: unknown): unknown => {
    if (['samples', 'softTargets', 'disagreements'].includes(key)) return undefined;
    return key === 'history' ? (value as unknown[]).length : value;
  };
  const results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'));
  return read(folder, kept).set('results.json', `${JSON.stringify(results, shortened, 2)}\n`);
}

/**
 * Copies what a run found, without weights, images and the teacher's answers.
 *
 * @param rewrites `from=to`, of paths that only this machine has
 * @returns number of files
 */
export function keepRun(folder: string, target: string, rewrites: readonly string[]): number {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
  const collect = paths.includes('comparison.json') ? ofStudy : paths.includes('results.json') ? ofMnist : undefined;
  if (!collect) throw new Error(`'${folder}' is no study and no MNIST run that has ended`);
  const files = collect(folder, paths);
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

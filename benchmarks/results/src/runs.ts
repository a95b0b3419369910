import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const RESULTS = join(root, 'docs', 'results');
export const RUNS = join(RESULTS, 'runs');

/** The runs that are kept. */
export const keptRuns = (): string[] => (existsSync(RUNS) ? readdirSync(RUNS) : []);

/** A file of a run that is kept; undefined if it has none of that name. */
export function readKept(name: string, file: string): string | undefined {
  if (!existsSync(join(RUNS, name))) throw new Error(`no run '${name}' is kept in docs/results/runs`);
  const path = join(RUNS, name, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

// node scripts/keep-run.mjs <run folder> <name> [from=to …]: copies config, logs and figures of a run to docs/results/runs/<name>,
// without models and images, and with the given paths of the machine rewritten.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './lib/root.mjs';

/** Weights, images and TensorBoard's files stay where they are; so do answers, which others may not pass on. */
const KEPT = /(^|\/)(config|settings|result|results|comparison|training_args)\.json$|\.(jsonl|csv|md|svg)$/;
const LEFT = /(^|\/)(student|model|images|teacher|scratch\/model|checkpoint-\d+|logs|samples|state)(\/|$)/;

const [folder, name, ...rules] = process.argv.slice(2);
if (!folder || !name) throw new Error('node scripts/keep-run.mjs <run folder> <name> [from=to …]');
const rewrites = rules.map((rule) => [rule.slice(0, rule.indexOf('=')), rule.slice(rule.indexOf('=') + 1)]);
const target = join(root, 'docs', 'results', 'runs', name);

rmSync(target, { recursive: true, force: true });
let files = 0;
for (const path of readdirSync(folder, { recursive: true })) {
  const relative = String(path).replaceAll('\\', '/');
  if (!KEPT.test(relative) || LEFT.test(relative)) continue;
  const text = rewrites.reduce(
    (content, [from = '', to = '']) => content.replaceAll(from, to),
    readFileSync(join(folder, relative), 'utf8'),
  );
  const place = join(target, relative);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
  files += 1;
}
console.log(`${files} files in ${target}`);

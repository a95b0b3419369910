// npm run check:node -- 22 24 packages/losses training: tests by vitest's filters, and a short training, on another Node.js.
// Without versions: on all that the packages are for. Without filters: the tests of all packages, and the training.
// The binaries are those of npm, kept in the user's cache.
import './lib/check-node.mjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bin } from './lib/bin.mjs';
import { installNode } from './lib/install-node.mjs';
import { runMnistExample } from './lib/mnist-example.mjs';
import { childEnv, run } from './lib/run.mjs';

const SUPPORTED = ['20', '22', '24'];
const TRAINING = 'training';

const isVersion = (/** @type {string} */ word) => /^\d+(\.\d+)*$/.test(word);
const args = process.argv.slice(2);
const asked = args.filter(isVersion);
const named = args.filter((word) => !isVersion(word));
const words = named.length > 0 ? named : ['packages', TRAINING];
const filters = words.filter((word) => word !== TRAINING);

const seconds = (/** @type {number} */ since) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

/** One batch an epoch: the whole way of a distillation, in seconds. */
async function shortTraining(/** @type {string} */ node, /** @type {NodeJS.ProcessEnv} */ env) {
  const out = mkdtempSync(join(tmpdir(), 'kd-node-'));
  try {
    return await runMnistExample(['--sanity-check', '--epochs', '2', '--out', out], { node, env });
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** @type {string[]} */
const lines = [];
for (const version of asked.length > 0 ? asked : SUPPORTED) {
  const { node, exact } = await installNode(version);
  console.log(`Node.js ${exact} (${node})`);
  const env = childEnv(dirname(node)); // tests start Node by its name, too
  /** @type {Record<string, () => ReturnType<typeof run>>} */
  const checks = {};
  if (filters.length > 0) {
    const vitest = [bin('vitest'), 'run', '--project', 'node*', ...filters];
    checks[`tests of ${filters.join(', ')}`] = () => run(node, vitest, { env });
  }
  if (words.includes(TRAINING)) checks['a short training'] = () => shortTraining(node, env);
  for (const [name, check] of Object.entries(checks)) {
    const start = performance.now();
    const { code, interrupted } = await check();
    if (interrupted) process.exit(130);
    if (code !== 0) process.exitCode = 1;
    lines.push(`Node.js ${exact}: ${name} ${code === 0 ? 'passed' : 'failed'} in ${seconds(start)}`);
  }
}
console.log(lines.join('\n'));

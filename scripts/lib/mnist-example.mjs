import { join } from 'node:path';
import { root } from './root.mjs';
import { childEnv, run } from './run.mjs';

const example = join(root, 'examples', 'mnist-mlp');

/**
 * Runs the MNIST example from its sources.
 *
 * @param {string[]} options the example's
 * @param {{ node?: string, cwd?: string, env?: NodeJS.ProcessEnv }} [how]
 */
export function runMnistExample(options, { node = process.execPath, cwd = process.cwd(), env = childEnv() } = {}) {
  // By its address, because the current folder is the user's, not the one that tsx is installed in.
  const tsx = import.meta.resolve('tsx');
  const args = ['--conditions=@kd/source', '--import', tsx, join(example, 'src', 'main.ts'), ...options];
  return run(node, args, {
    cwd,
    // tsx would otherwise take the tsconfig.json of the user's folder.
    env: { ...env, TSX_TSCONFIG_PATH: join(example, 'tsconfig.json') },
  });
}

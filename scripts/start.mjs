// npm start [-- options]: installs what is missing, then runs the MNIST example with the options.
import './lib/check-node.mjs';
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/root.mjs';
import { childEnv, run } from './lib/run.mjs';

const example = join(root, 'examples', 'mnist-mlp');

async function main() {
  const failed = await ensureInstalled();
  if (failed) return failed;
  // By its address, because the current folder is the user's, not the one that tsx is installed in.
  const tsx = import.meta.resolve('tsx');
  const args = ['--conditions=@kd/source', '--import', tsx, join(example, 'src', 'main.ts'), ...process.argv.slice(2)];
  const { code } = await run(process.execPath, args, {
    // npm moves to the package's folder; relative paths among the options mean the folder it was called in.
    cwd: process.env.INIT_CWD ?? process.cwd(),
    // tsx would otherwise take the tsconfig.json of the user's folder.
    env: { ...childEnv(), TSX_TSCONFIG_PATH: join(example, 'tsconfig.json') },
  });
  return code;
}

process.exitCode = await main();

// npm start [-- options]: installs what is missing, then runs the MNIST example with the options.
import './lib/check-node.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runMnistExample } from './lib/mnist-example.mjs';

async function main() {
  const failed = await ensureInstalled();
  if (failed) return failed;
  // npm moves to the package's folder; relative paths among the options mean the folder it was called in.
  return (await runMnistExample(process.argv.slice(2), { cwd: process.env.INIT_CWD ?? process.cwd() })).code;
}

process.exitCode = await main();

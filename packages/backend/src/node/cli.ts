#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { findTensorflow } from './tensorflow/cache.ts';
import { installTensorflow } from './tensorflow/install.ts';
import { removeTensorflow } from './tensorflow/remove.ts';

const USAGE = `npx @kd/backend install-tensorflow [--gpu] [--remove]

Builds a native TensorFlow for TensorFlow.js on Linux x64, where npm install @tensorflow/tfjs-node fails or is too old.
It is kept in a cache folder that all your projects share, and selectBackend() of @kd/backend finds it there.

  --gpu      the build for NVIDIA GPUs: downloads CUDA 12.2 as well (about 2 GB); needs driver 525 or newer
  --remove   deletes the build
  --help     prints this

Needs a C++ compiler, Python with pip, and npm. KD_CACHE_DIR names another cache folder.`;

async function main(): Promise<void> {
  const options = {
    gpu: { type: 'boolean' },
    remove: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) return console.log(USAGE);
  if (positionals.join() !== 'install-tensorflow')
    throw new Error(`there is no command '${positionals.join(' ')}'\n\n${USAGE}`);
  const kind = values.gpu ? 'gpu' : 'cpu';
  if (values.remove) {
    const freed = removeTensorflow(kind);
    return console.log(freed ? `Removed ${freed.folder} (${megabytes(freed.bytes)}).` : 'There is nothing to remove.');
  }
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(0).padStart(3)} s`;
  const already = findTensorflow(kind);
  const build = await installTensorflow({
    kind,
    log: (line) => console.log(`${seconds()}  ${line}`),
    showProgress: process.stdout.isTTY,
  });
  const size = `TensorFlow ${build.tensorflow} (${kind}), ${megabytes(build.bytes)}, in ${build.folder}`;
  console.log(already ? `Already installed: ${size}` : `${seconds()}  installed ${size}`);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

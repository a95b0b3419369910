import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { TFJS_NODE } from './recipe.ts';

/** Where the build's copy of tfjs-node finds the TF.js that loads it: `import` and `require` give it no other way. */
const TFJS = Symbol.for('kd.tensorflow.tfjs');

/** What the build's `require('@tensorflow/tfjs')` gets. The project's TF.js, so that there is but one. */
export const TFJS_SHIM: string = `module.exports = globalThis[Symbol.for('${TFJS.description}')];\n`;

/** In the build's folder. */
export const ADDON = 'tfjs_binding.node';

interface KernelBackendModule {
  NodeJSKernelBackend: new (binding: unknown, packageName: string) => tf.KernelBackend;
}

interface AddonModule {
  TF_Version: string;
}

/** Node 23 dropped functions that tfjs-node calls, and Node 22 warns of them: these are in their place. */
export function restoreUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

/**
 * Registers the backend 'tensorflow' of a folder that `installTensorflow` made, with its kernels.
 *
 * @returns TensorFlow's version
 */
export function loadTensorflow(folder: string, core: typeof tf): string {
  restoreUtil();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // its start messages are not for users
  Object.assign(globalThis, { [TFJS]: core });
  const require = createRequire(join(folder, 'package.json'));
  const binding = require(join(folder, ADDON)) as AddonModule;
  const { NodeJSKernelBackend } = require('./tfjs-node/dist/nodejs_kernel_backend.js') as KernelBackendModule;
  require('./tfjs-node/dist/register_all_kernels.js');
  if (core.findBackendFactory('tensorflow')) return binding.TF_Version; // asked for again
  core.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, TFJS_NODE.name), 3);
  return binding.TF_Version;
}

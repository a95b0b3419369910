/* Runs in Node and in a browser: writes the file there, and reads it with the runtime for browsers. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type * as Ort from 'onnxruntime-web';
import { beforeAll, expect, it } from 'vitest';
import { expectExported } from '../testing/expect-exported.ts';
import { ONE_OF_EACH } from '../testing/exported-models.ts';

const inBrowser = 'document' in globalThis;
const ort: typeof Ort = await (inBrowser ? import('onnxruntime-web/wasm') : import('onnxruntime-web'));
/** In Node it is the same WebAssembly. */
const models = inBrowser ? ONE_OF_EACH : ONE_OF_EACH.filter((name) => name === 'mlp');

beforeAll(async () => {
  if (inBrowser) {
    const tfjs = new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/package.json', import.meta.url);
    setWasmPaths(new URL('dist/', tfjs.href).href);
    const wasm = new URL('../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm', import.meta.url).href;
    ort.env.wasm.wasmPaths = { wasm };
  }
  expect(await tf.setBackend('wasm')).toBe(true);
});

it.each(models)('onnxruntime-web gives the logits of %s, for three images and for one', (name) =>
  expectExported(ort, name),
);

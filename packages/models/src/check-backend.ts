import { KdError } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';

/** Says what to do where there is no backend for the weights to be in, before TF.js says only that. */
export function checkBackend(caller: string): void {
  if (Object.keys(tf.engine().registryFactory).length > 0) return;
  throw new KdError(
    'NOT_FOUND',
    `${caller}: TensorFlow.js has no backend yet: first \`await selectBackend()\` of @kd/backend/node, or ` +
      "import '@tensorflow/tfjs-backend-wasm' (npm install it) and await tf.setBackend('wasm')",
  );
}

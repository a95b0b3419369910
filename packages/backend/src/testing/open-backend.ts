import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import { beforeAll } from 'vitest';
import { BACKENDS, type BackendName, selectBackend } from '../node/index.ts';

/** The backend that `scripts/check-backend.mjs` has chosen. */
export const BACKEND: BackendName =
  BACKENDS.find((name) => name === process.env.KD_CHECK_BACKEND) ?? fail('KD_CHECK_BACKEND names no backend');

function fail(message: string): never {
  throw new Error(message);
}

/** Makes it TF.js' current one for the tests of a file. */
export function openBackend(): void {
  beforeAll(async () => {
    await selectBackend({ backend: BACKEND });
  });
}

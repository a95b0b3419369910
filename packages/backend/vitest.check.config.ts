import { defineConfig } from 'vitest/config';

/** Started by `scripts/check-backend.mjs`: tests on a backend that not every machine has. */
export default defineConfig({
  resolve: {
    conditions: ['@kd/source'],
    // An optional peer that `scripts/check-backend.mjs` installs into a scratch folder.
    alias: process.env.KD_CHECK_DAWN ? { webgpu: process.env.KD_CHECK_DAWN } : {},
  },
  ssr: { resolve: { conditions: ['@kd/source'] } },
  test: {
    include: ['src/testing/*.check.ts'],
    pool: 'forks', // addons are for the main thread
    execArgv: ['--expose-gc'], // garbage is no leak
    fileParallelism: false, // both of them use all cores
    testTimeout: 600_000,
    teardownTimeout: 1000, // Dawn never ends by itself
  },
});

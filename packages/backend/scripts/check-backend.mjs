// Runs the tests of @kd/ops and of the kernels on a backend that not every machine has:
//   node --conditions=@kd/source --import tsx scripts/check-backend.mjs tensorflow | tensorflow-gpu | webgpu
// TensorFlow is built into a folder that is deleted afterwards, or taken from KD_CACHE_DIR; WebGPU is Dawn, from npm.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installTensorflow } from '../src/node/index.ts';

const DAWN = '0.6.2';
/** Debian's Chromium brings a Vulkan that computes on the processor. */
const SWIFTSHADER = '/usr/lib/chromium';

const scratch = mkdtempSync(join(tmpdir(), 'kd check '));
const log = (/** @type {string} */ line) => console.log(`  ${line}`);

/** @returns {Promise<{ what: string, env: Record<string, string> }>} */
async function prepareTensorflow(/** @type {'cpu' | 'gpu'} */ kind) {
  const cache = process.env.KD_CACHE_DIR ?? scratch;
  const start = performance.now();
  const build = await installTensorflow({ kind, cache: join(cache, 'tensorflow'), log });
  log(`installed in ${((performance.now() - start) / 1000).toFixed(0)} s, ${Math.round(build.bytes / 1e6)} MB`);
  return {
    what: `TensorFlow ${build.tensorflow} (${kind}), tfjs-node ${build.tfjsNode}`,
    env: { KD_CACHE_DIR: cache, KD_CHECK_BACKEND: kind === 'gpu' ? 'tfjs-node-gpu' : 'tfjs-node' },
  };
}

/** @returns {Promise<{ what: string, env: Record<string, string> }>} */
async function prepareWebgpu() {
  const npm = ['install', '--prefix', scratch, '--ignore-scripts', '--no-save', '--loglevel=error', `webgpu@${DAWN}`];
  const { status, stderr } = spawnSync('npm', npm, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm install webgpu: ${stderr}`);
  const icd = join(SWIFTSHADER, 'vk_swiftshader_icd.json');
  const software = existsSync('/dev/dri') || !existsSync(icd) ? {} : { VK_ICD_FILENAMES: icd };
  return {
    what: `WebGPU (Dawn ${DAWN}${'VK_ICD_FILENAMES' in software ? ' on SwiftShader' : ''})`,
    env: {
      // The loader of Vulkan drivers, where the system has none.
      LD_LIBRARY_PATH: [process.env.LD_LIBRARY_PATH, SWIFTSHADER].filter(Boolean).join(':'),
      ...software,
      KD_CHECK_BACKEND: 'webgpu',
      KD_CHECK_DAWN: createRequire(join(scratch, 'package.json')).resolve('webgpu'),
    },
  };
}

const PREPARE = {
  tensorflow: () => prepareTensorflow('cpu'),
  'tensorflow-gpu': () => prepareTensorflow('gpu'),
  webgpu: prepareWebgpu,
};

/** @returns {Promise<{ passed: number, failed: number, notes: string[] }>} */
function runTests(/** @type {Record<string, string>} */ env) {
  const results = join(scratch, 'results.json');
  const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs');
  const args = [vitest, 'run', '--config', 'vitest.check.config.ts', '--reporter=default', '--reporter=json'];
  const tests = spawn(process.execPath, [...args, `--outputFile.json=${results}`], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  tests.stdout.on('data', (/** @type {Buffer} */ chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((resolve) => {
    tests.on('close', () => {
      const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(results, 'utf8'));
      const notes = output.split('\n').filter((line) => line.includes('memory before and after'));
      resolve({ passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites), notes });
    });
  });
}

const prepare = PREPARE[/** @type {keyof typeof PREPARE} */ (process.argv[2])];
try {
  if (!prepare) throw new Error(`check-backend.mjs takes one of ${Object.keys(PREPARE).join(', ')}`);
  const { what, env } = await prepare();
  const { passed, failed, notes } = await runTests(env);
  for (const note of notes) console.log(note.replace(/^.*memory/, 'memory'));
  const date = new Date().toISOString().slice(0, 10);
  console.log(`${what}, Node ${process.versions.node}, ${process.platform} ${process.arch}, ${date}:`);
  console.log(`${passed} tests passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

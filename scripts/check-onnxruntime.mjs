// npm run check:onnxruntime -- 1.27.0 1.29.0 packages/onnx/src/node: tests by vitest's filters, on other versions of ONNX Runtime.
// Without versions: on one of each release that @kd/onnx takes. Without filters: all tests of @kd/onnx.
import { join } from 'node:path';
import { bin } from './lib/bin.mjs';
import { cachedPackage } from './lib/cached-package.mjs';
import { childEnv, run } from './lib/run.mjs';

const RELEASES = ['1.27.0', '1.29.0', '1.30.0'];
const ALL = ['packages/onnx'];

const isVersion = (/** @type {string} */ word) => /^\d+\.\d+\.\d+$/.test(word);
const args = process.argv.slice(2);
const asked = args.filter(isVersion);
const filters = args.filter((word) => !isVersion(word));

/** @type {string[]} */
const lines = [];
for (const version of asked.length > 0 ? asked : RELEASES) {
  const folder = await cachedPackage('onnxruntime-node', version, join('onnxruntime', version));
  const vitest = [bin('vitest'), 'run', '--project', 'node', ...(filters.length > 0 ? filters : ALL)];
  const env = { ...childEnv(), KD_ONNXRUNTIME: folder }; // read by vitest.config.ts
  const { code, interrupted } = await run(process.execPath, vitest, { env });
  if (interrupted) process.exit(130);
  if (code !== 0) process.exitCode = 1;
  lines.push(`onnxruntime-node ${version}: ${code === 0 ? 'passed' : 'failed'}`);
}
console.log(lines.join('\n'));

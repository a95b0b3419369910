// npm run check:avx2: the tests of @kd/onnx as on a processor without AVX-512, where ONNX Runtime's blocked layout keeps 8 channels
// together in place of 16. Filters of vitest take the place of all of them.
// On a processor with AVX-512 it takes Linux x64, a C compiler, and CPUID that can fault (lib/without-avx512.c).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin } from './lib/bin.mjs';
import { root } from './lib/root.mjs';
import { childEnv, run } from './lib/run.mjs';

const CPUINFO = '/proc/cpuinfo';

const filters = process.argv.slice(2);
const flags = existsSync(CPUINFO) ? (/^flags\s*:(.*)$/m.exec(readFileSync(CPUINFO, 'utf8'))?.[1] ?? '').split(' ') : [];
const folder = mkdtempSync(join(tmpdir(), 'kd-avx2-'));
try {
  if (!flags.includes('avx2')) throw new Error('check-avx2: there is no AVX2 here, or no Linux that says so');
  const env = { ...childEnv(), ...(flags.includes('avx512f') ? { LD_PRELOAD: build() } : {}) };
  const vitest = [bin('vitest'), 'run', '--project', 'node', ...(filters.length > 0 ? filters : ['packages/onnx'])];
  process.exitCode = (await run(process.execPath, vitest, { env })).code;
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** @returns {string} what has to be loaded before anything else */
function build() {
  if (!flags.includes('cpuid_fault')) throw new Error('check-avx2: this processor cannot be asked to hide its AVX-512');
  const library = join(folder, 'without-avx512.so');
  const source = join(root, 'scripts', 'lib', 'without-avx512.c');
  const { status, error, stderr } = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  if (status === 0) return library;
  throw new Error(
    `check-avx2: cc could not compile ${source}: ${error?.message ?? stderr}; apt-get install gcc libc6-dev`,
  );
}

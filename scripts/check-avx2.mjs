// npm run check:avx2: the blocked layout of @kd/onnx on a processor without AVX-512, where ONNX Runtime keeps 8 channels
// together in place of 16. QEMU plays the processor: apt-get install qemu-user-static (Linux x64).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { bin } from './lib/bin.mjs';
import { root } from './lib/root.mjs';

const TESTS = ['packages/onnx/src/lower/images', 'packages/onnx/src/node/program.test.ts'];
const [...tests] = process.argv.slice(2);

const emulator = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => ['qemu-x86_64-static', 'qemu-x86_64'].map((name) => join(folder, name)))
  .find((path) => existsSync(path));
if (!emulator) {
  console.error('check-avx2: there is no qemu-x86_64 on the PATH; apt-get install qemu-user-static');
  process.exit(1);
}
// In threads: a process that Node starts would run on the real processor. Each test takes twenty times as long.
const vitest = [bin('vitest'), 'run', '--project', 'node', '--pool', 'threads', '--testTimeout', '3600000'];
const { status } = spawnSync(
  emulator,
  ['-cpu', 'Haswell', process.execPath, ...vitest, ...(tests.length > 0 ? tests : TESTS)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;

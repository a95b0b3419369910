import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Folders of the oldest TypeScript that the packages are for, and of the newest, which is also the fastest. */
export const OLDEST = dirname(require.resolve('typescript-5.4/package.json'));
export const NEWEST = dirname(require.resolve('typescript-7/package.json'));

/**
 * Compiles a folder, whose tsconfig.json this writes.
 *
 * @returns what the compiler says: `a.ts(1,2): error TS2345: …`, without the lines that go on with one
 */
export function compile(folder: string, typescript: string, config: object): string[] {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { bin } = JSON.parse(readFileSync(join(typescript, 'package.json'), 'utf8')) as { bin: { tsc: string } };
  const command = [join(typescript, bin.tsc), '--pretty', 'false'];
  const { stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return `${stdout}${stderr}`.split('\n').filter((line) => /^\S/.test(line));
}

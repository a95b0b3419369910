// The oldest TypeScript that the packages are for, and the newest; npm run check:types has all between, from tarballs.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bin } from '../../scripts/lib/bin.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { NEWEST, OLDEST } from '../lib/compile.ts';
import { checkEntries, writeEntries } from './declarations.ts';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));
const tests = fileURLToPath(new URL('..', import.meta.url));

let folder: string; // below tests, from where the packages are found
beforeAll(async () => {
  mkdirSync(join(tests, '.examples'), { recursive: true });
  folder = mkdtempSync(join(tests, '.examples', 'types-'));
  const { code, output } = await run(process.execPath, [bin('turbo'), 'run', 'build', '--filter=./packages/*'], {
    capture: true,
  });
  expect(code, output).toBe(0);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['oldest', OLDEST],
  ['newest', NEWEST],
])('the declarations of every entry are right for the %s', (_, typescript) => {
  const manifests = readdirSync(packages).map((each) =>
    JSON.parse(readFileSync(join(packages, each, 'package.json'), 'utf8')),
  );
  writeEntries(folder, manifests);
  const found = checkEntries(folder, typescript);
  expect(Object.fromEntries(found)).toEqual({
    'NodeNext, portable.ts': [],
    'NodeNext, node.ts': [],
    'Bundler, portable.ts': [],
    'Bundler, node.ts': [],
  });
});

it('a mistake is seen', () => {
  for (const file of ['portable.ts', 'node.ts']) {
    writeFileSync(join(folder, file), `import { klDivergenceLoss } from '@kd/losses';\nklDivergenceLoss(1);\n`);
  }
  for (const found of checkEntries(folder, NEWEST).values()) expect(found.join()).toContain('error TS');
});

// The `build` of every package, run in its folder: declarations with their comments, JavaScript without. A comment is read in
// an editor, which shows the declaration's; in the JavaScript it would be a third of what users install.
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './lib/run.mjs';

const TSC = join('node_modules', 'typescript', 'bin', 'tsc'); // the package's, which is native; the root's has the compiler's API
const NEXT = 'dist-next'; // as deep as dist, for the paths in source maps

// Declarations can be made without types (isolatedDeclarations), so types are checked once, with the JavaScript.
const javascript = [
  ...['--declaration', 'false', '--declarationMap', 'false', '--isolatedDeclarations', 'false'],
  '--removeComments',
];
const declarations = ['--emitDeclarationOnly', '--noCheck'];

/** @returns {Promise<number>} exit code */
async function compile() {
  for (const pass of [javascript, declarations]) {
    const args = [TSC, '--project', 'tsconfig.build.json', '--outDir', NEXT, ...pass];
    const { code } = await run(process.execPath, args, { cwd: process.cwd() });
    if (code !== 0) return code;
  }
  return 0;
}

// Made aside and moved: no module that is gone from src stays, and a build that fails leaves what was there.
rmSync(NEXT, { recursive: true, force: true });
process.exitCode = await compile();
if (process.exitCode === 0) {
  rmSync('dist', { recursive: true, force: true });
  renameSync(NEXT, 'dist');
} else rmSync(NEXT, { recursive: true, force: true });

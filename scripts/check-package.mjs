// The `test:package` of every package, run in its folder after the build: what would be published, packed and looked at.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin } from './lib/bin.mjs';
import { apiProblems, apiReports } from './lib/package/api-report.mjs';
import { importProblems, unsaidDependencies } from './lib/package/entry-imports.mjs';
import { pack } from './lib/package/pack.mjs';
import { sourceMapProblems } from './lib/package/source-maps.mjs';
import { weightProblems } from './lib/package/weights.mjs';
import { run } from './lib/run.mjs';

const cwd = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'kd-package-'));
try {
  const { tarball, content } = pack(cwd, join(folder, 'packed'));
  const manifest = JSON.parse(readFileSync(join(content, 'package.json'), 'utf8'));
  for (const command of [
    [bin('publint'), 'run', tarball, '--strict'],
    [bin('@arethetypeswrong/cli', 'attw'), tarball, '--profile', 'esm-only'],
  ]) {
    const { code, output } = await run(process.execPath, command, { cwd, capture: true });
    if (code === 0) continue;
    console.error(output);
    process.exitCode = code;
  }
  const problems = [
    ...weightProblems(content, manifest.name),
    ...sourceMapProblems(content),
    ...importProblems(content, manifest),
    ...unsaidDependencies(content, manifest),
    ...apiProblems(join(cwd, 'api'), apiReports(cwd)),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

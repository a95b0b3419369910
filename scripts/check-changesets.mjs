// node scripts/check-changesets.mjs <branch or commit>: whether each package that has changed since has a changeset.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { changesetProblems } from './lib/changesets.mjs';
import { root } from './lib/root.mjs';

const [base] = process.argv.slice(2);
if (!base) throw new Error('check-changesets: say since when: node scripts/check-changesets.mjs origin/main');
const listed = execFileSync('git', ['diff', '--name-only', '-z', `${base}...HEAD`], { cwd: root, encoding: 'utf8' });
const paths = listed.split('\0').filter((path) => path !== '');
const changesets = paths
  .filter((path) => /^\.changeset\/.+\.md$/.test(path) && existsSync(join(root, path)))
  .map((path) => readFileSync(join(root, path), 'utf8'));
const nameOf = (/** @type {string} */ folder) => {
  const manifest = join(root, 'packages', folder, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).name : folder;
};
const problems = changesetProblems(paths, changesets, nameOf);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

import { expect, it } from 'vitest';
import { changesetProblems } from '../scripts/lib/changesets.mjs';

const nameOf = (folder: string): string => `@kd/${folder}`;
const changeset = (...names: string[]): string =>
  `---\n${names.map((name) => `'${name}': minor\n`).join('')}---\n\nSomething is new.\n`;

it.each([
  ['a changeset for another package', [changeset('@kd/data')]],
  ['none at all', []],
  ['one whose text names it', [`${changeset('@kd/data')}'@kd/losses': is not the header\n`]],
])('finds a changed package with %s', (_, changesets) => {
  const problems = changesetProblems(['packages/losses/src/logits/kl.ts', 'README.md'], changesets, nameOf);
  expect(problems).toEqual([
    expect.stringMatching(/^@kd\/losses has changed, and no changeset says so: npx changeset/),
  ]);
});

it.each([
  ['a changeset of its own', ['packages/losses/src/kl.ts'], [changeset('@kd/data', '@kd/losses')]],
  ['double quotes', ['packages/losses/src/kl.ts'], ['---\n"@kd/losses": patch\n---\n\nText.\n']],
  ['an empty changeset', ['packages/losses/src/kl.ts'], ['---\n---\n']],
  ['nothing but tests changed', ['packages/losses/src/kl.test.ts', 'packages/data/src/testing/make.ts'], []],
  ['nothing in a package changed', ['docs/onnx.md', 'packages/losses/README.md'], []],
])('is content with %s', (_, paths, changesets) => {
  expect(changesetProblems(paths, changesets, nameOf)).toEqual([]);
});

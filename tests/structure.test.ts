import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { structureProblems } from '../scripts/lib/structure.mjs';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

type Files = Record<string, string | object | undefined>;

/** A repository with sound packages, and then `changes` (undefined removes a file). */
function repository(changes: Files = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'kd structure '));
  folders.push(root);
  const sound: Files = { LICENSE: 'MIT' };
  for (const name of ['core', 'losses', 'models', 'train']) {
    sound[`packages/${name}/package.json`] = manifest(name);
    sound[`packages/${name}/README.md`] = '# readme';
    sound[`packages/${name}/LICENSE`] = 'MIT';
    sound[`packages/${name}/src/index.ts`] = "export { one } from './one.ts';";
    sound[`packages/${name}/src/one.ts`] = 'export const one = 1;';
  }
  for (const [path, content] of Object.entries({ ...sound, ...changes })) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

function manifest(name: string, changes: object = {}): object {
  return {
    name: `@kd/${name}`,
    license: 'MIT',
    sideEffects: false,
    exports: { './package.json': './package.json' },
    files: ['src', '!src/**/*.test.ts'],
    ...changes,
  };
}

const source = (text: string, path = 'losses/src/one.ts'): Files => ({ [`packages/${path}`]: text });
const lossesManifest = (changes: object): Files => ({ 'packages/losses/package.json': manifest('losses', changes) });

const violations: [name: string, changes: Files, problem: string][] = [
  [
    'sources in what is published',
    lossesManifest({
      exports: {
        '.': { '@kd/source': './src/index.ts', default: './dist/index.js' },
        './package.json': './package.json',
      },
    }),
    "packages/losses/package.json: publishConfig.exports should be exports without '@kd/source', so that others run what was built",
  ],
  [
    'an arrow in an import',
    source("import { one } from '@kd/core';"),
    'packages/losses/src/one.ts:1: must not import @kd/core; losses may import nothing of ours',
  ],
  [
    'an arrow in a type import',
    source("\nexport type One = import('@kd/core').One;"),
    'packages/losses/src/one.ts:2: must not import @kd/core; losses may import nothing of ours',
  ],
  [
    'an arrow in a re-export',
    source("export { one } from '@kd/models';", 'train/src/one.ts'),
    'packages/train/src/one.ts:1: must not import @kd/models; train may import core, losses, metrics, ops',
  ],
  [
    'an arrow in the dependencies',
    lossesManifest({ dependencies: { '@kd/core': 'workspace:^' } }),
    'packages/losses/package.json: must not depend on @kd/core; losses may import nothing of ours',
  ],
  [
    'a package of ours as a peer',
    { 'packages/train/package.json': manifest('train', { peerDependencies: { '@kd/core': '^1.0.0' } }) },
    'packages/train/package.json: @kd/core is a peer; a new version of a peer is a breaking change, so make it a dependency',
  ],
  [
    'an optional package in a static import',
    source("import { one } from '@kd/data';", 'models/src/node/one.ts'),
    'packages/models/src/node/one.ts:1: must not import @kd/data; models may import core, ops',
  ],
  [
    'an optional package in a portable file',
    source("export const a = () => import('@kd/data');", 'models/src/one.ts'),
    'packages/models/src/one.ts:1: must not import @kd/data; models may import core, ops',
  ],
  [
    'an optional package as a peer of a narrow range',
    {
      'packages/models/package.json': manifest('models', {
        peerDependencies: { '@kd/data': '^1.0.0' },
        peerDependenciesMeta: { '@kd/data': { optional: true } },
      }),
    },
    "packages/models/package.json: @kd/data must be an optional peer of the range '>=0.0.0 <2'",
  ],
  [
    'an optional package as a peer that is asked for',
    { 'packages/models/package.json': manifest('models', { peerDependencies: { '@kd/data': '>=0.0.0 <2' } }) },
    "packages/models/package.json: @kd/data must be an optional peer of the range '>=0.0.0 <2'",
  ],
  [
    'a relative import of another package',
    source("import { one } from '../../core/src/one.ts';"),
    'packages/losses/src/one.ts:1: must not import ../../core/src/one.ts: it is outside of the package',
  ],
  [
    'a package without arrows',
    { 'packages/extra/package.json': manifest('extra') },
    'packages/extra: not in the table of arrows of scripts/lib/structure.mjs; add it there',
  ],
  [
    'node: in a portable file',
    source("import { readFileSync } from 'node:fs';"),
    'packages/losses/src/one.ts:1: must not import node:fs: only src/node/ may use Node',
  ],
  [
    'a lazily imported built-in module in a portable file',
    source("const { join } = await import('path');"),
    'packages/losses/src/one.ts:1: must not import path: only src/node/ may use Node',
  ],
  [
    'a portable file that reaches for the Node entry',
    { ...source("export { two } from './node/two.ts';"), ...source('export const two = 2;', 'losses/src/node/two.ts') },
    'packages/losses/src/one.ts:1: must not import ./node/two.ts: the portable entry would need Node',
  ],
  [
    "a portable file that reaches for another package's Node entry",
    source("import { one } from '@kd/core/node';", 'train/src/one.ts'),
    'packages/train/src/one.ts:1: must not import @kd/core/node: the portable entry would need Node',
  ],
  [
    'process',
    source('export const a = process.env.A;'),
    'packages/losses/src/one.ts:1: must not use process: only src/node/ may use Node',
  ],
  [
    'Buffer',
    source('export const a = new Uint8Array(Buffer.from("a"));'),
    'packages/losses/src/one.ts:1: must not use Buffer: only src/node/ may use Node',
  ],
  [
    'a TF.js backend',
    source("export const a = () => import('@tensorflow/tfjs-backend-wasm');"),
    'packages/losses/src/one.ts:1: must not import @tensorflow/tfjs-backend-wasm; only packages/backend does',
  ],
  [
    'the union of TF.js, which brings backends',
    source("import * as tf from '@tensorflow/tfjs';"),
    'packages/losses/src/one.ts:1: must not import @tensorflow/tfjs; only packages/backend does',
  ],
  [
    'printing',
    source('export const a = (): void =>\n  console.warn(1);'),
    'packages/losses/src/one.ts:2: must not print: packages return values or call back',
  ],
  [
    'printing in a Node file',
    source('console.log(1);', 'losses/src/node/two.ts'),
    'packages/losses/src/node/two.ts:1: must not print: packages return values or call back',
  ],
  [
    'printing in a portable file that looks like a program',
    source('#!/usr/bin/env node\nexport const a = (): void => console.log(1);'),
    'packages/losses/src/one.ts:2: must not print: packages return values or call back',
  ],
  [
    'export *',
    source("export * from './two.ts';"),
    "packages/losses/src/one.ts:1: must not 'export *': name what is exported",
  ],
  [
    'export default of a value',
    source('export default 1;'),
    'packages/losses/src/one.ts:1: must not have a default export: name it',
  ],
  [
    'export default of a function',
    source('export default function one() {}'),
    'packages/losses/src/one.ts:1: must not have a default export: name it',
  ],
  [
    'a name exported as default',
    source('const one = 1;\nexport { one as default };'),
    'packages/losses/src/one.ts:2: must not have a default export: name it',
  ],
  [
    'something that is done on import',
    source('export const all = new Set();\nall.add(1);'),
    'packages/losses/src/one.ts:2: must not do anything on import: package.json says that there are no sideEffects, and bundlers leave it out',
  ],
  [
    'an import for its effect',
    source("import './two.ts';"),
    'packages/losses/src/one.ts:1: must not do anything on import: package.json says that there are no sideEffects, and bundlers leave it out',
  ],
  ['no README', { 'packages/losses/README.md': undefined }, 'packages/losses/README.md: is missing'],
  [
    'no LICENSE',
    { 'packages/losses/LICENSE': undefined },
    "packages/losses/LICENSE: is missing or differs from the root's; copy that one",
  ],
  [
    'another LICENSE',
    { 'packages/losses/LICENSE': 'BSD' },
    "packages/losses/LICENSE: is missing or differs from the root's; copy that one",
  ],
  ['no license field', lossesManifest({ license: undefined }), 'packages/losses/package.json: has no license'],
  [
    'no sideEffects field',
    lossesManifest({ sideEffects: undefined }),
    'packages/losses/package.json: does not say whether it has sideEffects',
  ],
  [
    'a package.json that is not exported',
    lossesManifest({ exports: {} }),
    "packages/losses/package.json: exports lack './package.json'",
  ],
  ['another name', lossesManifest({ name: '@kd/loss' }), 'packages/losses/package.json: the name should be @kd/losses'],
  [
    'tests in the published files',
    lossesManifest({ files: ['src'] }),
    "packages/losses/package.json: files lack '!src/**/*.test.ts'",
  ],
  [
    'test helpers in the published files',
    source('export const near = 1;', 'losses/src/testing/near.ts'),
    "packages/losses/package.json: files lack '!src/**/testing'",
  ],
];

describe('structure check', () => {
  it('finds nothing in a sound repository', () => {
    expect(structureProblems(repository())).toEqual([]);
  });

  it.each(violations)('reports %s, and only that', (_, changes, problem) => {
    expect(structureProblems(repository(changes))).toEqual([problem]);
  });

  it('lets a package import lazily in Node what it works without', () => {
    const peers = { '@kd/data': '>=0.0.0 <2' };
    const optional = { '@kd/data': { optional: true } };
    const changes = {
      ...source("export const data = () => import('@kd/data/node');", 'models/src/node/one.ts'),
      'packages/models/package.json': manifest('models', { peerDependencies: peers, peerDependenciesMeta: optional }),
    };
    expect(structureProblems(repository(changes))).toEqual([]);
  });

  it('is not misled by comments, strings, names of its own and tests', () => {
    const harmless = `
      // import '@kd/core'; process.exit(); export * from './two.ts';
      export const text = "console.log(process.env, require('node:fs'))";
      export function step(process: { console: number }): number { return process.console; }
      export const options = { process: 1, Buffer: 2 };
      export * as one from './two.ts';
    `;
    const test = "import '@kd/train'; import 'node:fs'; import '@tensorflow/tfjs'; console.log(process.argv);";
    const node = "import { join } from 'node:path'; export const here = join(process.cwd(), 'a');";
    const changes = {
      ...source(harmless),
      ...source(test, 'losses/src/one.test.ts'),
      ...source(node, 'losses/src/node/here.ts'),
    };
    expect(structureProblems(repository(changes))).toEqual([]);
  });
});

// The checks of scripts/check-package.mjs find what they are there for: a sound package, and then one thing is wrong.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterEach, describe, expect, it } from 'vitest';
import { apiProblems, apiReports, writeReports } from '../../scripts/lib/package/api-report.mjs';
import { importProblems, unsaidDependencies } from '../../scripts/lib/package/entry-imports.mjs';
import { sourceMapProblems } from '../../scripts/lib/package/source-maps.mjs';
import { weightProblems } from '../../scripts/lib/package/weights.mjs';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const SOUND: Readonly<Record<string, string>> = {
  'README.md': 'Brings `@kd/core` and `sharp`.',
  'src/index.ts': "export { double, type Doubled } from './double.ts';",
  'src/double.ts': `/** What it makes. */
export interface Doubled { value: number }
/** Twice of it. */
export const double = (value: number): Doubled => ({ value: 2 * value });`,
  'src/node/index.ts':
    "import { readFileSync } from 'node:fs';\nimport 'sharp';\nexport const read = (): unknown => readFileSync;",
};

const MANIFEST = {
  name: '@kd/double',
  version: '1.0.0',
  type: 'module',
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './node': { types: './dist/node/index.d.ts', default: './dist/node/index.js' },
    './package.json': './package.json',
  },
  dependencies: { '@kd/core': '^1.0.0', sharp: '^0.35.0' },
};

function put(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** The package, compiled as ours are. */
function compiled(changes: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'kd shape '));
  folders.push(folder);
  for (const [path, text] of Object.entries({ ...SOUND, ...changes })) put(folder, path, text);
  put(folder, 'package.json', JSON.stringify(MANIFEST));
  const sources = ['index.ts', 'node/index.ts'].map((path) => join(folder, 'src', path));
  const options: ts.CompilerOptions = {
    ...{ rootDir: join(folder, 'src'), outDir: join(folder, 'dist'), types: [], noCheck: true, noLib: true },
    ...{ module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, rewriteRelativeImportExtensions: true },
    ...{ sourceMap: true, declaration: true, declarationMap: true, verbatimModuleSyntax: true },
  };
  ts.createProgram(sources, options).emit();
  return folder;
}

describe('source maps', () => {
  it('of a sound package are sound', () => {
    expect(sourceMapProblems(compiled())).toEqual([]);
  });

  it('are missed', () => {
    const folder = compiled();
    rmSync(join(folder, 'dist/double.js.map'));
    expect(sourceMapProblems(folder)).toEqual(['dist/double.js has no source map']);
  });

  it('must lead to what is published', () => {
    const folder = compiled();
    rmSync(join(folder, 'src/double.ts'));
    expect(sourceMapProblems(folder)).toEqual([
      'dist/double.js comes from src/double.ts, which is not published',
      'dist/double.d.ts comes from src/double.ts, which is not published',
    ]);
  });

  it('must lead to the same name', () => {
    const folder = compiled();
    const source = readFileSync(join(folder, 'src/double.ts'), 'utf8');
    put(folder, 'src/double.ts', source.replace('double =', 'triple ='));
    const [javascript, declaration] = sourceMapProblems(folder);
    expect(javascript).toContain("dist/double.js leads from double in line 2 to 'triple = (value: num'");
    expect(declaration).toContain('dist/double.d.ts leads from double in line');
  });

  it('must belong to the code as it is', () => {
    const folder = compiled();
    put(folder, 'dist/double.js', `\n\n${readFileSync(join(folder, 'dist/double.js'), 'utf8')}`);
    expect(sourceMapProblems(folder)).toEqual([expect.stringContaining('dist/double.js leads from double')]);
  });
});

describe('imports', () => {
  const problems = (changes?: Readonly<Record<string, string>>, manifest: object = {}): string[] =>
    importProblems(compiled(changes), { ...MANIFEST, ...manifest });

  it('of a sound package are sound', () => {
    expect(problems()).toEqual([]);
  });

  it.each([
    ['at once', "import 'sharp';\nexport const double = 1;"],
    ['lazily', "export const double = () => import('sharp');"],
  ])('of what a portable entry must not bring, %s', (_, code) => {
    const wrong = "dist/double.js imports sharp: the portable entry '.' would need it";
    expect(problems({ 'src/double.ts': code })).toContain(wrong);
  });

  it.each(['node:fs', '@kd/core/node', '@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs'])('of %s, too', (module) => {
    const wrong = `dist/double.js imports ${module}: the portable entry '.' would need it`;
    expect(problems({ 'src/double.ts': `import '${module}';\nexport const double = 1;` })).toContain(wrong);
  });

  it('of TF.js as such and of portable packages of ours are none of these', () => {
    const code = "import '@tensorflow/tfjs-core';\nimport '@kd/core';\nexport const double = 1;";
    const peerDependencies = { '@tensorflow/tfjs-core': '^4.0.0' };
    expect(problems({ 'src/double.ts': code }, { peerDependencies })).toEqual([]);
  });

  it('must be declared, also those of types alone', () => {
    const code =
      "import type { Tensor } from '@tensorflow/tfjs-core';\nexport const double = (x: Tensor): Tensor => x;";
    expect(problems({ 'src/double.ts': code })).toEqual(['dist/double.d.ts imports @tensorflow/tfjs-core undeclared']);
    expect(problems(undefined, { dependencies: {} })).toContain('dist/node/index.js imports sharp undeclared');
  });

  it('must lead to files that are there', () => {
    const folder = compiled();
    rmSync(join(folder, 'dist/double.js'));
    expect(importProblems(folder, MANIFEST)).toEqual(['dist/index.js imports ./double.js, which is not there']);
  });
});

describe('what comes with an install', () => {
  it('is said in the README', () => {
    expect(unsaidDependencies(compiled(), MANIFEST)).toEqual([]);
    expect(unsaidDependencies(compiled({ 'README.md': 'sharp, as in a knife' }), MANIFEST)).toEqual([
      'README.md does not say that `@kd/core` comes with it',
      'README.md does not say that `sharp` comes with it',
    ]);
  });
});

describe('weight', () => {
  it('is that of the JavaScript', () => {
    const folder = compiled({ 'src/double.ts': `export const double = '${'x'.repeat(1000)}';` });
    expect(weightProblems(folder, '@kd/double', { '@kd/double': 1.4 })).toEqual([]);
    expect(weightProblems(folder, '@kd/double', { '@kd/double': 1 })).toEqual([
      expect.stringMatching(/^1\.[1-3] kB of JavaScript are more than the 1 kB of/),
    ]);
  });

  it('has a budget for every package', () => {
    expect(weightProblems(compiled(), '@kd/double')).toEqual([expect.stringContaining('@kd/double has no budget')]);
  });
});

describe('API report', () => {
  it('shows every entry with its signatures', () => {
    const reports = apiReports(compiled());
    expect([...reports.keys()].sort()).toEqual(['index.api.md', 'node.api.md']);
    expect(reports.get('index.api.md')).toContain('export const double: (value: number) => Doubled;');
  });

  it('notices another signature, a new entry and one that is gone', () => {
    const folder = compiled();
    const kept = join(folder, 'api');
    const reports = apiReports(folder);
    writeReports(kept, reports);
    expect(apiProblems(kept, reports)).toEqual([]);

    const changed = compiled({ 'src/double.ts': SOUND['src/double.ts']!.replace('value: number)', 'value?: number)') });
    expect(apiProblems(kept, apiReports(changed))).toEqual([
      expect.stringContaining(
        "index.api.md line 8: 'export const double: (value: number) => Doubled;' is now 'export const double: (value?: number) => Doubled;'",
      ),
    ]);

    const [index] = [...reports];
    expect(apiProblems(kept, new Map([index!]))).toEqual(['api/node.api.md is of no entry; npm run api removes it']);
    rmSync(join(kept, 'node.api.md'));
    expect(apiProblems(kept, reports)).toEqual(['api/node.api.md is missing; npm run api writes it']);
  });

  it('notices a type that only a signature names', () => {
    const hidden = (type: string): string =>
      `interface Hidden { value: ${type} }\nexport const double = (): Hidden => 0 as never;`;
    const index = { 'src/index.ts': "export { double } from './double.ts';" };
    const [before, now] = ['number', 'string'].map((type) =>
      apiReports(compiled({ ...index, 'src/double.ts': hidden(type) })).get('index.api.md'),
    );
    expect(before).toContain('value: number');
    expect(now).toContain('value: string');
  });
});

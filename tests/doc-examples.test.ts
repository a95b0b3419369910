import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collapse, type Example, instrument, markdownExamples, sourceExamples, uncutExamples } from './doc-examples.ts';
import { compile, NEWEST } from './lib/compile.ts';
import { type ExampleMaterials, missingPhotographs, prepareMaterials } from './lib/example-materials.ts';
import { type Outcome, runExamples } from './run-examples.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'src')));

function read<T>(file: string, examples: (file: string, text: string) => T[]): T[] {
  return existsSync(join(root, file)) ? examples(file, readFileSync(join(root, file), 'utf8')) : [];
}

/** Pages of docs/, without the decisions. Those in a folder make one batch. */
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .map((name) => `docs/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.md') && !name.startsWith('docs/decisions/'))
  .sort();
const folders = [...new Set(pages.map((page) => (dirname(page) === 'docs' ? page : dirname(page))))].map((place) =>
  pages.filter((page) => page === place || dirname(page) === place),
);
const texts = [
  ['README.md'],
  ['CONTRIBUTING.md'],
  ...folders,
  ...packages.map((name) => [`packages/${name}/README.md`]),
];
const inMarkdown = texts.map((files) => files.flatMap((file) => read(file, markdownExamples)));
const inSources = packages.map((name) =>
  readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .flatMap((file) => read(`packages/${name}/src/${file.replaceAll('\\', '/')}`, sourceExamples)),
);
const only = process.env.KD_EXAMPLES ?? ''; // beginning of the names of files, for those who are writing them
const isWanted = ({ file }: Example): boolean => file.startsWith(only);
const lacksPhotographs = ({ code }: Example): boolean =>
  missingPhotographs !== undefined && /'photographs\b/.test(code);
/** Examples of one batch share a process, and so the backend that one of them may choose. */
const batches = [...inSources, ...inMarkdown]
  .map((batch) => batch.filter(isWanted))
  .filter((batch) => batch.length > 0);
const examples = batches.flat();
/** Not run, but whole, and so type-checked. */
const checkedOnly = texts.flatMap((files) => files.flatMap((file) => read(file, uncutExamples).filter(isWanted)));

const needTensorFlow = packages.filter((name) => {
  const { peerDependencies = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  return '@tensorflow/tfjs-core' in peerDependencies;
});

/** Photographs are trained on for one epoch, whatever the example says: it shows that all of it works, not how well. */
const inShort = (code: string): string =>
  /'photographs\b/.test(code) ? code.replace(/\b(epochs|numTrainEpochs): \d+/g, '$1: 1') : code;

/** TF.js computes nothing without a backend, which is the choice of whoever uses our packages: here, this one. */
function backendImport(code: string): string {
  const imports = ts.preProcessFile(code).importedFiles.map(({ fileName }) => fileName);
  const brings = imports.some((name) => /^@tensorflow\/tfjs(-backend-.*|-node.*)?$/.test(name));
  const needs = imports.some(
    (name) => /^@tensorflow\//.test(name) || needTensorFlow.includes(name.split('/')[1] ?? ''),
  );
  return needs && !brings ? "import '@tensorflow/tfjs-backend-cpu'; " : '';
}

let folder: string; // inside of tests/, because there @kd/* and @tensorflow/* resolve
let workFolder: string; // outside of the repository, for the files that examples write
let materials: ExampleMaterials;
const outcomes = new Map<Example, Outcome>();
const typeErrors = new Map<Example, string[]>();

beforeAll(async () => {
  mkdirSync(join(root, 'tests', '.examples'), { recursive: true });
  folder = mkdtempSync(join(root, 'tests', '.examples', 'run-'));
  workFolder = mkdtempSync(join(tmpdir(), 'kd-examples-'));
  const pathOf = new Map(
    [...examples, ...checkedOnly].map((example, i) => [example, join(folder, example.name ?? `${i}.ts`)]),
  );
  materials = await prepareMaterials(workFolder);

  for (const [example, path] of pathOf) writeFileSync(path, `${example.code}\nexport {};\n`);
  for (const [example, errors] of checkTypes(pathOf)) typeErrors.set(example, errors);

  for (const example of examples) {
    const path = pathOf.get(example)!;
    const code = inShort(instrument(example).code);
    writeFileSync(path, `${backendImport(example.code)}${code}\nexport {};\n`);
  }
  for (const all of batches) {
    const batch = all.filter((example) => !lacksPhotographs(example));
    const results = await runExamples(
      batch.map((example) => pathOf.get(example)!),
      workFolder,
      materials.env,
    );
    batch.forEach((example, i) => void outcomes.set(example, results[i]!));
  }
}, 600_000);

afterAll(async () => {
  await materials?.close();
  rmSync(folder, { recursive: true, force: true });
  rmSync(workFolder, { recursive: true, force: true });
});

/** As a user's compiler would see them: strict, but not with every option that we set for ourselves. */
function checkTypes(pathOf: ReadonlyMap<Example, string>): [Example, string[]][] {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    target: 'ES2022',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    allowImportingTsExtensions: true,
    customConditions: ['@kd/source'],
    lib: ['ES2022', 'DOM'],
    types: ['node'],
    typeRoots: [join(root, 'tests', 'node_modules', '@types')],
    skipLibCheck: true,
  };
  const examples = new Map([...pathOf].map(([example, path]) => [basename(path), example]));
  const lines = compile(folder, NEWEST, { compilerOptions, files: [...examples.keys()] });
  const errors = new Map<Example, string[]>([...pathOf.keys()].map((example) => [example, []]));
  for (const line of lines) {
    const [, file, row, message] = /^(.+?)\((\d+),\d+\): (.*)$/.exec(line) ?? [];
    if (file === undefined) throw new Error(`the examples cannot be compiled: ${line}`);
    const example = examples.get(file); // our sources are compiled with them, under settings that are not theirs
    if (example) errors.get(example)!.push(`${example.file}:${example.line + Number(row) - 1}: ${message}`);
  }
  return [...errors];
}

describe('examples in the documentation', () => {
  for (const example of checkedOnly) {
    it(`${example.file}:${example.line} compiles`, () => expect(typeErrors.get(example)).toEqual([]));
  }

  for (const example of examples) {
    const isSkipped = lacksPhotographs(example);
    const why = isSkipped ? ` (skipped: ${missingPhotographs})` : '';
    it.skipIf(isSkipped)(`${example.file}:${example.line} runs and prints what it says${why}`, () => {
      expect(typeErrors.get(example)).toEqual([]);
      const { printed, error, line = 1 } = outcomes.get(example)!;
      if (!printed) throw new Error(`${example.file}:${example.line + line - 1}: ${error}`);
      const { expected } = instrument(example);
      const lines = new Set(expected.map((print) => print.line));
      const compared = printed.filter((print) => lines.has(print.line)).sort((a, b) => a.line - b.line);
      expect(compared.map((print) => ({ ...print, text: collapse(print.text) }))).toEqual(expected);
    });
  }
});

describe('the check itself', () => {
  const check = async (code: string): Promise<{ outcome: Outcome; expected: unknown }> => {
    const instrumented = instrument({ file: 'a.md', line: 1, code });
    const path = join(folder, 'self-check.ts');
    writeFileSync(path, `${instrumented.code}\nexport {};\n`);
    return { outcome: (await runExamples([path], workFolder))[0]!, expected: instrumented.expected };
  };

  it('takes the blocks of a README that are to be run, with their lines', () => {
    const text = '# a\n\n```ts\nrun();\n```\n\n```ts no-run\nnot();\n```\n\n```sh\nnpm start\n```\n';
    expect(markdownExamples('a.md', text)).toEqual([{ file: 'a.md', line: 4, code: 'run();\n' }]);
  });

  it('takes the names of files that others import', () => {
    const text = '```ts own-loss.ts\nexport const own = 1;\n```\n';
    expect(markdownExamples('a.md', text)).toEqual([
      { file: 'a.md', line: 2, code: 'export const own = 1;\n', name: 'own-loss.ts' },
    ]);
  });

  it('takes those that are not run, but for those that leave something out', () => {
    const text = '```ts no-run\ntrain({ … });\n```\n\n```ts no-run\ntrain();\n```\n\n```ts\nrun();\n```\n';
    expect(uncutExamples('a.md', text)).toEqual([{ file: 'a.md', line: 6, code: 'train();\n' }]);
  });

  it('takes the examples of a doc comment up to the next tag, with their lines', () => {
    const text =
      '/**\n * Adds.\n *\n * @example\n * const two = add(1, 1);\n *\n * if (two) {\n *   go();\n * }\n * @see b\n */\n';
    const code = 'const two = add(1, 1);\n\nif (two) {\n  go();\n}\n';
    expect(sourceExamples('a.ts', text)).toEqual([{ file: 'a.ts', line: 5, code }]);
  });

  it('finds a mistake of types, with its line', () => {
    const example = {
      file: 'a.md',
      line: 7,
      code: "import { accuracy } from '@kd/metrics';\naccuracy('none', [1]);\n",
    };
    const path = join(folder, 'self-check-of-types.ts');
    writeFileSync(path, example.code);
    const [[, errors]] = checkTypes(new Map([[example, path]])) as [[Example, string[]]];
    expect(errors).toEqual([expect.stringMatching(/^a\.md:8: error TS2345: /)]);
  });

  it('reads what a call prints, over lines and repeatedly', async () => {
    const code =
      "for (const n of [1, 2]) {\n  console.log({\n    n,\n  }, '// no'); // { n: 1 } // no { n: 2 } // no\n}\n";
    const { outcome, expected } = await check(code);
    expect(outcome.printed).toEqual(expected);
  });

  it('reports what an example throws, and one that ends the process', async () => {
    expect((await check("throw new Error('no luck');")).outcome.error).toContain('no luck');
    expect((await check('process.exit(0);')).outcome.error).toContain('ended the process');
  });
});

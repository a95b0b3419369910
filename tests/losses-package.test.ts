// A package is used alone: packed, installed by npm outside of this workspace, next to the TF.js of the user's choice.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { bin } from '../scripts/lib/bin.mjs';
import { npmCommand } from '../scripts/lib/npm.mjs';
import { collapse, instrument, markdownExamples } from './doc-examples.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'packages', 'losses');
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/;

let project: string; // somebody else's
let packed: string; // the content of the tarball
let offline = false;

/** npm tells the scripts that it starts about itself; the npm that starts here would believe it. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_(?!config)|npm_config_local_prefix|INIT_CWD)/i.test(name)),
);

function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: 'pipe' });
}

function node(args: string[], cwd: string): string {
  return run(process.execPath, args, cwd);
}

/** @returns whether the packages are there; not if the registry cannot be reached */
function npmInstall(...packages: string[]): boolean {
  const [command, ...npm] = npmCommand();
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
  try {
    run(command, [...npm, 'install', ...flags, ...packages], project);
    return true;
  } catch (error) {
    const { stderr } = error as { stderr: string };
    if (!UNREACHABLE.test(stderr)) throw new Error(`npm install failed: ${stderr}`);
    return false;
  }
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'kd losses '));
  writeFileSync(join(project, 'package.json'), '{ "name": "somebody-elses", "private": true, "type": "module" }\n');
  rmSync(join(source, 'dist'), { recursive: true, force: true }); // may hold modules that are gone from src
  node([bin('typescript', 'tsc'), '-p', 'tsconfig.build.json'], source);
  const folder = join(project, 'tarball');
  mkdirSync(folder);
  node([bin('pnpm'), 'pack', '--pack-destination', folder], source);
  const [tarball = ''] = readdirSync(folder);
  run('tar', ['-xzf', tarball], folder);
  packed = join(folder, 'package');
  offline = !npmInstall(join(folder, tarball), '@tensorflow/tfjs@4.22.0');
}, 300_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

function needNetwork({ skip }: TestContext): void {
  if (offline) skip('the package registry cannot be reached');
}

describe('@kd/losses as a tarball', () => {
  it('holds code, sources, README and licence, but no tests', () => {
    const files = readdirSync(packed, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
    const wanted = ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'package.json', 'src/index.ts'];
    expect(files).toEqual(expect.arrayContaining(wanted));
    expect(files.filter((file) => /test|fixture|tsbuildinfo|node_modules/.test(file))).toEqual([]);
  });

  it('does not speak of the workspace', () => {
    expect(readFileSync(join(packed, 'package.json'), 'utf8')).not.toMatch(/workspace:|catalog:/);
  });
});

/** Every kind of mistake that the types are there to catch; all that is not marked must be right. */
const CONSUMER = `
import { type CrossEntropyOptions, crossEntropy, type DistillationOptions, distillationLoss } from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';

const logits = tf.tensor2d([[1, 0]]);
const labels = tf.tensor1d([0], 'int32');
const smoothing: CrossEntropyOptions = { labelSmoothing: 0.1 };
const options: DistillationOptions = { temperature: 4, reduction: 'sum' };
export const losses: tf.Scalar[] = [crossEntropy(logits, labels, smoothing), distillationLoss(logits, logits, labels, options)];
export const rows: tf.Tensor1D = distillationLoss(logits, logits, undefined, { reduction: 'none' });

// @ts-expect-error a misspelt option
distillationLoss(logits, logits, labels, { temprature: 4 });
// @ts-expect-error no such word
distillationLoss(logits, logits, labels, { reduction: 'average' });
// @ts-expect-error one-hot labels
distillationLoss(logits, logits, logits);
// @ts-expect-error an array for a tensor
crossEntropy([[1, 0]], labels);
// @ts-expect-error one value for each sample is not a scalar
export const one: tf.Scalar = distillationLoss(logits, logits, undefined, { reduction: 'none' });
`;

/** What TypeScript says about a file and about every declaration that it reaches, but TF.js' own, which have mistakes. */
function typeErrors(path: string, options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([path], {
    noEmit: true,
    strict: true,
    skipLibCheck: false,
    target: ts.ScriptTarget.ES2022,
    types: [],
    ...options,
  });
  return ts.getPreEmitDiagnostics(program).flatMap(({ file, start = 0, messageText }) => {
    if (file?.fileName.includes('/node_modules/@tensorflow/')) return [];
    const at = file && `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}: `;
    return `${at ?? ''}${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

describe('@kd/losses in a project of its own', () => {
  it('shares the one TF.js core of the project', (context) => {
    needNetwork(context);
    const cores = readdirSync(join(project, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('@tensorflow/tfjs-core/package.json'));
    expect(cores).toEqual(['@tensorflow/tfjs-core/package.json']);
  });

  it.for([
    ['nodenext', { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }],
    ['bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
  ] as const)('has types that catch mistakes, in a strict project that resolves as %s', ([, options], context) => {
    needNetwork(context);
    const path = join(project, 'consumer.ts');
    writeFileSync(path, CONSUMER);
    expect(typeErrors(path, options)).toEqual([]);
  });

  it('runs the first example of its README in plain JavaScript', (context) => {
    needNetwork(context);
    const [example] = markdownExamples('README.md', readFileSync(join(packed, 'README.md'), 'utf8'));
    const { expected } = instrument(example!);
    expect(expected.length).toBeGreaterThan(0);
    const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    const { outputText } = ts.transpileModule(example!.code, { compilerOptions: options });
    writeFileSync(join(project, 'example.js'), outputText);
    expect(collapse(node(['example.js'], project))).toBe(expected.map(({ text }) => text).join(' '));
  });
});

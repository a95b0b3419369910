// Publishing as it is done, to a registry on this machine; and installing as a stranger does.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { bin } from '../../scripts/lib/bin.mjs';
import { npmCommand } from '../../scripts/lib/npm.mjs';
import { collapse } from '../doc-examples.ts';
import { firstExample } from '../lib/first-example.ts';
import { UNREACHABLE } from '../lib/stranger.ts';
import { command } from './command.ts';
import { type LocalRegistry, startRegistry } from './local-registry.ts';
import { copyWorkspace, type WorkspaceCopy } from './workspace-copy.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tools = join(root, 'node_modules', '.bin');
const changeset = bin('@changesets/cli', 'changeset');
const MINUTES = 60_000;

let home: string;
let registry: LocalRegistry;
let workspace: WorkspaceCopy;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'kd registry '));
  registry = await startRegistry(join(home, 'registry'));
  registry.env.PATH = `${tools}${delimiter}${process.env.PATH}`; // turbo and changesets start pnpm by its name
  workspace = await copyWorkspace(join(home, 'workspace'), registry.env);
}, 5 * MINUTES);

afterAll(async () => {
  await registry?.stop();
  await rm(home, { recursive: true, force: true }); // a hundred thousand files
}, 5 * MINUTES);

/** Somebody's empty project. */
function project(name: string): string {
  const folder = join(home, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "name": "somebodys", "private": true, "type": "module" }\n');
  return folder;
}

const run = (folder: string, program: readonly [string, ...string[]]): Promise<string> =>
  command(program, { cwd: folder, env: registry.env });

const INSTALLERS = {
  npm: [...npmCommand(), 'install', '--prefer-offline', '--no-audit', '--no-fund'],
  pnpm: [process.execPath, bin('pnpm'), 'add', '--prefer-offline'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

/** What a package's README says to install, in its first command. */
function installed(readme: string): string[] {
  const [, command] = /```sh\nnpm install ((?:.|\\\n)*?)\n```/.exec(readme)!;
  return command!.replaceAll('\\\n', ' ').trim().split(/\s+/);
}

/** A script of the workspace's, as its maintainer types it. */
const npmRun = (script: string): Promise<string> => run(workspace.folder, [...npmCommand(), 'run', script]);

const skipWithoutNetwork =
  ({ skip }: TestContext) =>
  (error: Error): never => {
    if (!UNREACHABLE.test(error.message)) throw error;
    return skip('the package registry cannot be reached');
  };

/** Installs packages; skips the test where there is no network. */
async function install(folder: string, program: readonly [string, ...string[]], context: TestContext): Promise<void> {
  await run(folder, program).catch(skipWithoutNetwork(context));
}

/** Installs what a package's README says, and runs its first example. @returns the folder */
async function follow(name: string, installer: keyof typeof INSTALLERS, context: TestContext): Promise<string> {
  const readme = join(root, 'packages', name, 'README.md');
  const folder = project(`${name} with ${installer}`);
  await install(folder, [...INSTALLERS[installer], ...installed(readFileSync(readme, 'utf8'))], context);
  const { code, expected } = firstExample(readme);
  writeFileSync(join(folder, 'example.js'), code);
  expect(collapse(await run(folder, [process.execPath, 'example.js']))).toBe(expected);
  return folder;
}

/** What is large, or somebody's own choice. */
const HEAVY = /^(sharp|apache-arrow|onnxruntime-.*|@tensorflow\/tfjs(|-node|-backend-.*))$/;

/** Of that, what npm has installed without being asked for it. */
function unasked(folder: string, name: string): string[] {
  const asked = installed(readFileSync(join(root, 'packages', name, 'README.md'), 'utf8'));
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: object };
  const there = Object.keys(packages).flatMap((path) => /.*node_modules\/(.+)$/.exec(path)?.slice(1) ?? []);
  const isTfjsOwn = (each: string): boolean => asked.includes('@tensorflow/tfjs') && each.startsWith('@tensorflow/');
  return there.filter((each) => HEAVY.test(each) && !asked.includes(each) && !isTfjsOwn(each));
}

/** Copies an example out of the workspace, and installs what it needs. */
async function copyOut(example: string, context: TestContext): Promise<string> {
  const folder = join(home, `my ${example}`);
  const source = join(workspace.folder, 'examples', example);
  cpSync(source, folder, { recursive: true, filter: (path) => !path.includes('node_modules') });
  await install(folder, INSTALLERS.npm, context);
  return folder;
}

describe('publishing', () => {
  it('gives the first versions of all packages', { timeout: 3 * MINUTES }, async (context) => {
    const before = workspace.versions();
    await npmRun('version-packages').catch(skipWithoutNetwork(context));
    const after = workspace.versions();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const [name, version] of Object.entries(after)) expect(version, name).toMatch(/^0\.\d+\.\d+$/);
    expect(Object.entries(after).filter(([name, version]) => before[name] === version)).toEqual([]);
  });

  it(
    'builds, checks and publishes them, and each once',
    async () => {
      await npmRun('release');
      const versions = workspace.versions();
      for (const [name, version] of Object.entries(versions))
        expect(await registry.versions(name), name).toEqual([version]);
      expect(await workspace.run([changeset, 'publish'])).not.toMatch(/published successfully|New tag/);
    },
    6 * MINUTES,
  );

  it.for(['npm', 'pnpm'] as const)(
    '@kd/losses installs alone with %s, and its first example runs',
    { timeout: 3 * MINUTES },
    async (installer, context) => {
      const folder = await follow('losses', installer, context);
      if (installer === 'npm') expect(unasked(folder, 'losses')).toEqual([]);
    },
  );

  it.for(['npm', 'pnpm'] as const)(
    '@kd/train and its friends install with %s, and distil',
    { timeout: 3 * MINUTES },
    async (installer, context) => {
      const folder = await follow('train', installer, context);
      if (installer === 'npm') expect(unasked(folder, 'train')).toEqual(['apache-arrow', 'sharp']); // of @kd/data/node, says its README
    },
  );

  it(
    'an example that was copied out of the workspace installs and runs',
    async (context) => {
      const folder = await copyOut('mnist-mlp', context);
      const printed = await run(folder, [
        ...npmCommand(),
        'start',
        '--',
        '--sanity-check',
        '--epochs',
        '2',
        '--out',
        'run',
      ]);
      expect(printed).toMatch(/test errors/);
    },
    5 * MINUTES,
  );

  it.for(['beans-vit-mobilenet', 'browser-student'])(
    '%s that was copied out of the workspace finds all that it imports',
    { timeout: 3 * MINUTES },
    async (example, context) => {
      const folder = await copyOut(example, context);
      expect(await run(folder, [...npmCommand(), 'start', '--', '--help'])).toContain('--help');
    },
  );

  it(
    'moves what a change moves, and nothing else',
    async () => {
      const before = workspace.versions();
      workspace.addChangeset({ '@kd/losses': 'minor' }, 'One loss more.');
      await workspace.run([changeset, 'version']);
      const moved = Object.entries(workspace.versions()).filter(([name, version]) => before[name] !== version);
      expect(Object.fromEntries(moved)).toEqual({ '@kd/losses': '0.2.0', '@kd/train': '0.1.1' });
      await workspace.run([changeset, 'publish']);
      expect(await registry.versions('@kd/losses')).toEqual(['0.1.0', '0.2.0']);
      expect(await registry.versions('@kd/metrics')).toEqual(['0.1.0']);
    },
    2 * MINUTES,
  );

  it(
    'publishes a snapshot that nobody gets without asking for it',
    async () => {
      const before = await registry.tags('@kd/metrics');
      workspace.addChangeset({ '@kd/metrics': 'minor' }, 'One metric more.');
      await workspace.run([changeset, 'version', '--snapshot']);
      await workspace.run([changeset, 'publish', '--no-git-tag', '--tag', 'snapshot']);
      const { snapshot, ...others } = await registry.tags('@kd/metrics');
      expect(others).toEqual(before);
      expect(snapshot).toMatch(/^0\.2\.0-snapshot-[0-9a-f]{40}-\d{14}$/);
      expect(await registry.tags('@kd/losses')).not.toHaveProperty('snapshot');
    },
    2 * MINUTES,
  );
});

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin } from '../../scripts/lib/bin.mjs';
import { command } from './command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** This workspace as it is now but for its versions, in another place: nothing of it has been published yet. */
export interface WorkspaceCopy {
  folder: string;
  /** Version of each package by its name. */
  versions(): Record<string, string>;
  addChangeset(bumps: Readonly<Record<string, 'major' | 'minor' | 'patch'>>, text: string): void;
  /** Runs a program of the root's node_modules there. @returns what it prints */
  run(program: readonly [path: string, ...args: string[]]): Promise<string>;
}

async function files(env: NodeJS.ProcessEnv): Promise<string[]> {
  const listed = await command(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    env,
  });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

/** Before the first release: all at 0.0.0, with a changeset. So it does not matter what has been released of the workspace. */
function startAnew(folder: string): void {
  const names = readdirSync(join(folder, 'packages')).map((name) => {
    const path = join(folder, 'packages', name, 'package.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { name: string };
    writeFileSync(path, `${JSON.stringify({ ...manifest, version: '0.0.0' }, null, 2)}\n`);
    rmSync(join(folder, 'packages', name, 'CHANGELOG.md'), { force: true });
    return manifest.name;
  });
  const changesets = join(folder, '.changeset');
  for (const file of readdirSync(changesets)) {
    if (file.endsWith('.md') && file !== 'README.md') rmSync(join(changesets, file));
  }
  const bumps = names.map((name) => `'${name}': minor`).join('\n');
  writeFileSync(join(changesets, 'first.md'), `---\n${bumps}\n---\n\nThe first version.\n`);
}

/** @param env in which commands run there */
export async function copyWorkspace(folder: string, env: NodeJS.ProcessEnv): Promise<WorkspaceCopy> {
  const run = (program: readonly [string, ...string[]]): Promise<string> => command(program, { cwd: folder, env });
  const node = (...args: string[]): Promise<string> => run([process.execPath, ...args]);
  const git = (...args: string[]): Promise<string> =>
    run(['git', '-c', 'user.name=tester', '-c', 'user.email=tester@example.org', ...args]);

  for (const path of await files(env)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  startAnew(folder);
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message=As it is');
  await node(bin('pnpm'), 'install', '--prefer-offline', '--frozen-lockfile', '--ignore-scripts');
  // Here nothing has changed yet: if this workspace has been built, its cache has everything.
  const cache = join(root, '.turbo', 'cache');
  await node(bin('turbo'), 'run', 'build', '--filter=./packages/*', '--cache-dir', cache);

  const names = readdirSync(join(folder, 'packages'));
  const manifest = (name: string): { name: string; version: string } =>
    JSON.parse(readFileSync(join(folder, 'packages', name, 'package.json'), 'utf8'));
  let changesets = 0;
  return {
    folder,
    versions: () => Object.fromEntries(names.map(manifest).map(({ name, version }) => [name, version])),
    addChangeset(bumps, text) {
      const lines = Object.entries(bumps).map(([name, bump]) => `'${name}': ${bump}`);
      changesets += 1;
      writeFileSync(join(folder, '.changeset', `test-${changesets}.md`), `---\n${lines.join('\n')}\n---\n\n${text}\n`);
    },
    run: (program) => node(...program),
  };
}

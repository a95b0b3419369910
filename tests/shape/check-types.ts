// npm run check:types -- [5.4 6.0 …]: the types of every entry, compiled in a project of a user's with other versions of TypeScript.
// Without versions: with the newest of each minor version from 5.4 on that npm's registry has.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin } from '../../scripts/lib/bin.mjs';
import { npmCommand } from '../../scripts/lib/npm.mjs';
import { pack } from '../../scripts/lib/package/pack.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { outsideProject } from '../lib/outside-project.ts';
import { strangersEnv } from '../lib/stranger.ts';
import { checkEntries, writeEntries } from './declarations.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The oldest that the packages are for. */
const OLDEST = [5, 4] as const;

/** What a user has who uses all packages. Types of TF.js' core are those of its oldest version that our ranges allow. */
const PEERS = ['@tensorflow/tfjs-core@4.22.0', '@tensorflow/tfjs-layers@4.22.0', 'onnxruntime-node@1.30.0'];
const NODE_TYPES = '@types/node@20';

/** The newest release of each minor version, oldest first: `5.4.5`, `5.5.4` … */
function releases(): string[] {
  const [command, ...npm] = npmCommand();
  const said = execFileSync(command, [...npm, 'view', 'typescript', 'versions', '--json'], { encoding: 'utf8' });
  const newest = new Map<string, string>();
  for (const version of JSON.parse(said) as string[]) {
    const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
    if (!major || !minor) continue; // not a release
    const old = +major < OLDEST[0] || (+major === OLDEST[0] && +minor < OLDEST[1]);
    if (!old) newest.set(`${major}.${minor}`, version); // the registry lists them in order
  }
  return [...newest.values()];
}

const asked = process.argv.slice(2);
const project = outsideProject('types');
try {
  const { code } = await run(process.execPath, [bin('turbo'), 'run', 'build', '--filter=./packages/*'], {
    capture: true,
  });
  if (code !== 0) throw new Error('check:types: the packages do not build; npm run build says why');
  const names = readdirSync(join(root, 'packages'));
  const packed = names.map((name) =>
    pack(join(root, 'packages', name), join(project.folder, 'packed', name), strangersEnv),
  );
  const versions = asked.length > 0 ? asked : releases();
  const compilers = versions.map((version) => `typescript-${version}@npm:typescript@${version}`);
  const tarballs = packed.map(({ tarball }) => tarball);
  if (!project.install('--ignore-scripts', ...tarballs, ...PEERS, NODE_TYPES, ...compilers)) {
    throw new Error('check:types: the package registry cannot be reached');
  }
  writeEntries(
    project.folder,
    packed.map(({ content }) => JSON.parse(readFileSync(join(content, 'package.json'), 'utf8'))),
  );
  for (const version of versions) {
    const typescript = join(project.folder, 'node_modules', `typescript-${version}`);
    for (const [what, found] of checkEntries(project.folder, typescript)) {
      const said = found.length === 0 ? 'right' : `\n  ${found.slice(0, 10).join('\n  ')}`;
      console.log(`TypeScript ${version}, ${what}: ${said}`);
      if (found.length > 0) process.exitCode = 1;
    }
  }
} finally {
  project.remove();
}

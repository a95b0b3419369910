// npm run check:types -- [5.4 6.0 …]: the types of every entry, compiled in a project of a user's with other versions of TypeScript.
// Without versions: with the newest of each minor version from 5.4 on that npm's registry has.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin } from '../../scripts/lib/bin.mjs';
import { npmCommand } from '../../scripts/lib/npm.mjs';
import { entries } from '../../scripts/lib/package/entry-imports.mjs';
import { pack } from '../../scripts/lib/package/pack.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { outsideProject } from '../lib/outside-project.ts';
import { strangersEnv } from '../lib/stranger.ts';

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

/** What TypeScript says of our declarations. Those of TF.js have mistakes, and its WebGPU is another than that of newer browsers. */
function complaints(folder: string, typescript: string, config: object): string[] {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { bin: bins } = JSON.parse(readFileSync(join(typescript, 'package.json'), 'utf8')) as { bin: { tsc: string } };
  const { stdout, stderr } = spawnSync(process.execPath, [join(typescript, bins.tsc), '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`
    .split('\n')
    .filter((line) => /^\S/.test(line) && (!line.startsWith('node_modules/') || line.startsWith('node_modules/@kd/')));
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

  const all = packed.flatMap(({ content }) => {
    const manifest = JSON.parse(readFileSync(join(content, 'package.json'), 'utf8'));
    return entries(manifest).map(({ name, portable }) => ({ module: join(manifest.name, name), portable }));
  });
  // Namespaces reach every declaration of an entry; skipLibCheck is off, so each of them is checked.
  const sources = {
    'portable.ts': all.filter(({ portable }) => portable),
    'node.ts': all.filter((entry) => !entry.portable),
  };
  for (const [file, modules] of Object.entries(sources)) {
    const lines = modules.map(({ module }, i) => `export * as entry${i} from '${module.replaceAll('\\', '/')}';`);
    writeFileSync(join(project.folder, file), `${lines.join('\n')}\n`);
  }

  for (const version of versions) {
    const typescript = join(project.folder, 'node_modules', `typescript-${version}`);
    for (const [module, moduleResolution] of [
      ['NodeNext', 'NodeNext'],
      ['ESNext', 'Bundler'],
    ]) {
      for (const [file, types] of [
        ['portable.ts', []],
        ['node.ts', ['node']],
      ] as const) {
        const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
        const lib = ['ES2022', 'DOM', 'DOM.Iterable'];
        const compilerOptions = { ...strict, noEmit: true, target: 'ES2022', lib, module, moduleResolution, types };
        const found = complaints(project.folder, typescript, { compilerOptions, files: [file] });
        const what = `TypeScript ${version}, ${moduleResolution}, ${file}`;
        console.log(found.length === 0 ? `${what}: right` : `${what}:\n  ${found.slice(0, 10).join('\n  ')}`);
        if (found.length > 0) process.exitCode = 1;
      }
    }
  }
} finally {
  project.remove();
}

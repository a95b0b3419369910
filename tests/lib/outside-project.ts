import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { npmCommand } from '../../scripts/lib/npm.mjs';
import { type Packed, pack } from '../../scripts/lib/package/pack.mjs';
import { collapse } from '../doc-examples.ts';
import { firstExample } from './first-example.ts';
import { strangersEnv, UNREACHABLE } from './stranger.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, env: strangersEnv, encoding: 'utf8', stdio: 'pipe' });
}

/** Somebody else's project, outside of this workspace, in a folder with a space in its name. */
export interface OutsideProject {
  folder: string;
  /** Builds and packs `packages/NAME`; what it depends on must have been built before. */
  pack(name: string): Packed;
  /** @returns whether the packages are there; not if the registry cannot be reached */
  install(...args: string[]): boolean;
  /** Runs Node there. @returns what it prints */
  node(...args: string[]): string;
  /** Runs the first example of a README as plain JavaScript. */
  runExample(readme: string): { printed: string; expected: string };
  remove(): void;
}

export function outsideProject(name: string): OutsideProject {
  const folder = mkdtempSync(join(tmpdir(), `kd ${name} `));
  writeFileSync(join(folder, 'package.json'), '{ "name": "somebody-elses", "private": true, "type": "module" }\n');
  const node = (args: readonly string[], cwd: string): string => run(process.execPath, args, cwd);

  return {
    folder,
    pack(packed) {
      const source = join(root, 'packages', packed);
      node([join(root, 'scripts', 'build-package.mjs')], source);
      return pack(source, join(folder, 'tarballs', packed), strangersEnv);
    },
    install(...args) {
      const [command, ...npm] = npmCommand();
      const flags = [
        '--prefer-offline',
        '--no-audit',
        '--no-fund',
        '--fetch-retries=1',
        '--fetch-retry-mintimeout=1000',
      ];
      try {
        run(command, [...npm, 'install', ...flags, ...args], folder);
        return true;
      } catch (error) {
        const { stderr } = error as { stderr: string };
        if (!UNREACHABLE.test(stderr)) throw new Error(`npm install failed: ${stderr}`);
        return false;
      }
    },
    node: (...args) => node(args, folder),
    runExample(readme) {
      const { code, expected } = firstExample(readme);
      writeFileSync(join(folder, 'example.js'), code);
      const printed = collapse(node(['example.js'], folder));
      return { printed, expected };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** How a strict project may find its modules. */
export const RESOLUTIONS = [
  ['nodenext', { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }],
  ['bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
] as const;

/** What TypeScript says about a file and about every declaration that it reaches, but TF.js' own, which have mistakes. */
export function typeErrors(path: string, options: ts.CompilerOptions): string[] {
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

// The declarations of every entry, compiled as a user's TypeScript does who checks his libraries too.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entries } from '../../scripts/lib/package/entry-imports.mjs';
import { compile } from '../lib/compile.ts';

/** Compiled for a browser, and for Node with its types. */
const FILES = { 'portable.ts': [], 'node.ts': ['node'] } as const;

const RESOLUTIONS = [
  ['NodeNext', 'NodeNext'],
  ['ESNext', 'Bundler'],
] as const;

const STRICT = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };

/** Whether a complaint is of our declarations. TF.js' have mistakes, and its WebGPU is another than that of newer browsers. */
const isOurs = (complaint: string): boolean => !/^\S*node_modules\/(?!@kd\/)/.test(complaint);

/** Writes modules that reach every declaration of these packages. */
export function writeEntries(folder: string, manifests: readonly { name: string }[]): void {
  const all = manifests.flatMap((manifest) =>
    entries(manifest).map(({ name, portable }) => ({
      module: join(manifest.name, name).replaceAll('\\', '/'),
      file: portable ? 'portable.ts' : 'node.ts',
    })),
  );
  for (const file of Object.keys(FILES)) {
    const lines = all
      .filter((entry) => entry.file === file)
      .map(({ module }, i) => `export * as entry${i} from '${module}';`);
    writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
  }
}

/**
 * Compiles what `writeEntries` wrote.
 *
 * @param typescript folder of the compiler
 * @returns complaints for each resolution and file
 */
export function checkEntries(folder: string, typescript: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [module, moduleResolution] of RESOLUTIONS) {
    for (const [file, types] of Object.entries(FILES)) {
      const lib = ['ES2022', 'DOM', 'DOM.Iterable'];
      const compilerOptions = { ...STRICT, noEmit: true, target: 'ES2022', lib, module, moduleResolution, types };
      found.set(
        `${moduleResolution}, ${file}`,
        compile(folder, typescript, { compilerOptions, files: [file] }).filter(isOurs),
      );
    }
  }
  return found;
}

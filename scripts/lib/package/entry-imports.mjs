import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { sourceFacts } from '../source-facts.mjs';

/** All that a portable entry may import, besides portable entries of ours: TF.js as such, no backend of it. */
const PORTABLE = new Set(['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']);

const isBuiltin = (/** @type {string} */ module) => module.startsWith('node:') || builtinModules.includes(module);

/** @returns the package that a module is of */
const packageOf = (/** @type {string} */ module) => /^(@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? module;

/**
 * Everything outside of the package that an entry imports, itself or through its own files, lazily or at once.
 *
 * @param {string} folder what is in the tarball
 * @param {string} entry such as `dist/index.js`, or `dist/index.d.ts` for what its types need
 * @returns {{ outside: Map<string, string>, missing: string[] }} outside: module, and one file that imports it
 */
function walkImports(folder, entry) {
  /** @type {Map<string, string>} */
  const outside = new Map();
  /** @type {string[]} */
  const missing = [];
  const seen = new Set([entry]);
  for (const path of seen) {
    for (const { what, lazy } of sourceFacts(path, readFileSync(join(folder, path), 'utf8')).imports) {
      if (!what.startsWith('.')) {
        if (!outside.has(what)) outside.set(what, path);
        continue;
      }
      const named = posix.join(posix.dirname(path), what);
      const target = path.endsWith('.d.ts') ? named.replace(/\.[jt]s$/, '.d.ts') : named; // as TypeScript resolves it
      if (existsSync(join(folder, target))) seen.add(target);
      else if (!lazy) missing.push(`${path} imports ${what}, which is not there`); // a lazy one may be another package's
    }
  }
  return { outside, missing };
}

/**
 * The entries of a package that somebody may import, JavaScript and types.
 *
 * @param {any} manifest
 * @returns {{ name: string, files: string[], portable: boolean }[]}
 */
export function entries({ exports }) {
  return Object.entries(exports).flatMap(([name, target]) =>
    typeof target === 'string'
      ? []
      : [{ name, files: [target.default, target.types].map(posix.normalize), portable: name !== './node' }],
  );
}

/**
 * Imports that do not resolve for everybody: undeclared ones, and in portable entries all that a browser does not have or that
 * would make somebody install more than TF.js.
 *
 * @param {string} folder what is in the tarball
 * @param {any} manifest its package.json
 * @returns {string[]}
 */
export function importProblems(folder, manifest) {
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
  return entries(manifest).flatMap(({ name, files, portable }) =>
    files.flatMap((file) => {
      const { outside, missing } = walkImports(folder, file);
      const problems = [...outside].flatMap(([module, path]) => {
        const ours = module.startsWith('@kd/') && !/\/node$/.test(module);
        if (portable && !ours && !PORTABLE.has(packageOf(module))) {
          return [`${path} imports ${module}: the portable entry '${name}' would need it`];
        }
        return isBuiltin(module) || declared.has(packageOf(module)) ? [] : [`${path} imports ${module} undeclared`];
      });
      return [...missing, ...problems];
    }),
  );
}

/**
 * Dependencies that come with every install and of which the README says nothing.
 *
 * @param {string} folder what is in the tarball
 * @param {any} manifest its package.json
 * @returns {string[]}
 */
export function unsaidDependencies(folder, manifest) {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  return Object.keys(manifest.dependencies ?? {})
    .filter((name) => !readme.includes(`\`${name}\``))
    .map((name) => `README.md does not say that \`${name}\` comes with it`);
}

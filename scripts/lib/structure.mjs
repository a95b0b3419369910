import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, posix, relative, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { sourceFacts } from './source-facts.mjs';

/**
 * Which of our packages each package may import: the arrows of the architecture.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const ARROWS = {
  core: [],
  losses: [],
  ops: [],
  metrics: ['core'],
  data: ['core'],
  models: ['core', 'ops'],
  backend: ['ops'],
  onnx: ['core', 'ops'],
  train: ['core', 'losses', 'metrics', 'ops'],
};

/**
 * Packages of ours that one works without: optional peers, imported with `import()` in `src/node/` alone, by whoever asks for
 * what takes them.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const OPTIONAL_ARROWS = {
  models: ['backend', 'data'],
  train: ['data', 'models'],
};

/** As an optional peer: every version that there may be for long, so that a new one is no breaking change. */
const WIDE_RANGE = '>=0.0.0 <2';

const TFJS_BACKEND = /^@tensorflow\/(tfjs|tfjs-backend-[^/]+|tfjs-node(-gpu)?)(\/|$)/; // `tfjs` brings two of them

/** @typedef {{ name: string, folder: string, manifest: any }} Package name without the scope */

/** Files that are not published as code: free to import what they like. */
function isTest(/** @type {string} */ path) {
  return /\.test(-d)?\.ts$/.test(path) || /\/(testing|fixtures)\//.test(path);
}

function ourPackage(/** @type {string} */ specifier) {
  return /^@kd\/([^/]+)/.exec(specifier)?.[1];
}

/** @returns {string[]} */
function sourceFiles(/** @type {string} */ folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).split(sep).join('/'))
    .filter((path) => path.endsWith('.ts') && !isTest(path))
    .sort();
}

/** @returns {string[]} */
function publishedExports(/** @type {Record<string, string | Record<string, string>>} */ exports = {}) {
  return Object.fromEntries(
    Object.entries(exports).map(([path, target]) => {
      if (typeof target === 'string') return [path, target];
      const { '@kd/source': _, ...published } = target;
      return [path, published];
    }),
  );
}

function manifestProblems(/** @type {string} */ root, /** @type {Package} */ { name, folder, manifest }) {
  const problems = [];
  const arrows = ARROWS[name];
  if (!arrows) return [`packages/${name}: not in the table of arrows of scripts/lib/structure.mjs; add it there`];
  const allowed = arrows.join(', ') || 'nothing of ours';
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const other = ourPackage(dependency);
    if (other && !arrows.includes(other)) {
      problems.push(`package.json: must not depend on ${dependency}; ${name} may import ${allowed}`);
    }
  }
  for (const [dependency, range] of Object.entries(manifest.peerDependencies ?? {})) {
    const other = ourPackage(dependency);
    if (!other) continue;
    if (!OPTIONAL_ARROWS[name]?.includes(other)) {
      problems.push(
        `package.json: ${dependency} is a peer; a new version of a peer is a breaking change, so make it a dependency`,
      );
    } else if (range !== WIDE_RANGE || !manifest.peerDependenciesMeta?.[dependency]?.optional) {
      problems.push(`package.json: ${dependency} must be an optional peer of the range '${WIDE_RANGE}'`);
    }
  }
  if (manifest.private) return problems.map((problem) => `packages/${name}/${problem}`);

  if (manifest.name !== `@kd/${name}`) problems.push(`package.json: the name should be @kd/${name}`);
  if (!manifest.license) problems.push('package.json: has no license');
  if (manifest.sideEffects === undefined) problems.push('package.json: does not say whether it has sideEffects');
  if (manifest.exports?.['./package.json'] !== './package.json') {
    problems.push("package.json: exports lack './package.json'");
  }
  if (!isDeepStrictEqual(manifest.publishConfig?.exports ?? manifest.exports, publishedExports(manifest.exports))) {
    problems.push(
      "package.json: publishConfig.exports should be exports without '@kd/source', so that others run what was built",
    );
  }
  const leftOut = ['*.test.ts', ...(existsSync(join(folder, 'src', 'testing')) ? ['testing'] : [])];
  for (const pattern of leftOut) {
    if (!manifest.files?.includes(`!src/**/${pattern}`)) problems.push(`package.json: files lack '!src/**/${pattern}'`);
  }
  if (!existsSync(join(folder, 'README.md'))) problems.push('README.md: is missing');
  const license = join(folder, 'LICENSE');
  if (!existsSync(license) || !readFileSync(license).equals(readFileSync(join(root, 'LICENSE')))) {
    problems.push("LICENSE: is missing or differs from the root's; copy that one");
  }
  return problems.map((problem) => `packages/${name}/${problem}`);
}

/** What is wrong with one import, if anything. */
function importProblem(
  /** @type {Package} */ { name, folder },
  /** @type {string} */ path,
  /** @type {string} */ module,
  /** @type {boolean} */ portable,
  /** @type {boolean} */ lazy,
) {
  const other = ourPackage(module);
  const isOptional = !portable && lazy && OPTIONAL_ARROWS[name]?.includes(other ?? '');
  if (other && !isOptional && !ARROWS[name]?.includes(other)) {
    return `must not import ${module}; ${name} may import ${ARROWS[name]?.join(', ') || 'nothing of ours'}`;
  }
  if (TFJS_BACKEND.test(module) && name !== 'backend') return `must not import ${module}; only packages/backend does`;
  const target = module.startsWith('.') ? posix.join(dirname(path), module) : undefined;
  const src = posix.join(folder.split(sep).join('/'), 'src');
  if (target && !target.startsWith(`${src}/`)) return `must not import ${module}: it is outside of the package`;
  if (!portable) return undefined;
  if (module.startsWith('node:') || builtinModules.includes(module)) {
    return `must not import ${module}: only src/node/ may use Node`;
  }
  if (target?.startsWith(`${src}/node/`) || /^@kd\/[^/]+\/node$/.test(module)) {
    return `must not import ${module}: the portable entry would need Node`;
  }
  return undefined;
}

/** @returns {string[]} */
function sourceProblems(/** @type {string} */ root, /** @type {Package} */ pack) {
  return sourceFiles(join(pack.folder, 'src')).flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const { imports, globals, starExports, defaultExports, effects } = sourceFacts(path, text);
    const portable = !path.includes('/src/node/');
    const program = !portable && text.startsWith('#!');
    const found = [
      ...imports.map(({ line, what, lazy }) => ({ line, problem: importProblem(pack, path, what, portable, lazy) })),
      ...globals.map(({ line, what }) => {
        if (what === 'console' && !program) {
          return { line, problem: 'must not print: packages return values or call back' };
        }
        const problem = portable ? `must not use ${what}: only src/node/ may use Node` : undefined;
        return { line, problem };
      }),
      ...starExports.map(({ line }) => ({ line, problem: "must not 'export *': name what is exported" })),
      ...defaultExports.map(({ line }) => ({ line, problem: 'must not have a default export: name it' })),
      // In src/node/, programs and threads do.
      ...(portable ? effects : []).map(({ line }) => ({
        line,
        problem:
          'must not do anything on import: package.json says that there are no sideEffects, and bundlers leave it out',
      })),
    ];
    const name = relative(root, path).split(sep).join('/');
    return found.flatMap(({ line, problem }) => (problem ? [`${name}:${line}: ${problem}`] : []));
  });
}

/**
 * Everything in `packages/` that breaks the rules of CONTRIBUTING.md, one sentence each.
 *
 * @param {string} root the repository
 * @returns {string[]}
 */
export function structureProblems(root) {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join(root, 'packages', name);
    const path = join(folder, 'package.json');
    if (!existsSync(path)) return [];
    const pack = { name, folder, manifest: JSON.parse(readFileSync(path, 'utf8')) };
    return [...manifestProblems(root, pack), ...sourceProblems(root, pack)];
  });
}

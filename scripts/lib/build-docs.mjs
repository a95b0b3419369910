import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, Logger, LogLevel, MinimalSourceFile } from 'typedoc';

/**
 * What one can import, and where it is.
 *
 * @typedef {{ packageName: string, specifier: string, source: string, readme: import('typedoc').NormalizedPath | undefined }} Entry
 */

/** Titles over the pages in the site's navigation, by the folder that a page is in: the first that fits. */
const GROUPS = [
  ['docs/cookbook/', 'Cookbook'],
  ['docs/coming-from/', 'Coming from'],
  ['docs/decisions/', 'Decisions'],
  ['examples/', 'Examples'],
  ['benchmarks/', 'Benchmarks'],
  ['', 'Guides'],
];

/** Types in the signatures of exports that nobody writes: they compute names of others, or list what an option may be. */
const HELPERS = [
  'AVERAGES',
  'CamelCase',
  'CompilableObjective',
  'DescribedOptimizer',
  'Layout',
  'Needed',
  'Prefixed',
  'Resampling',
  'Shape',
  'Size',
  'ValueOf',
];

const HEADING = /^# (.*)\n+/;

/** A path as typedoc writes it. */
const slashes = (/** @type {string} */ path) =>
  /** @type {import('typedoc').NormalizedPath} */ (path.split(sep).join('/'));

/** Keeps what typedoc complains of. */
class Problems extends Logger {
  /** @type {string[]} */
  list = [];
  /** @override */
  log(/** @type {string} */ message, /** @type {LogLevel} */ level) {
    if (level >= LogLevel.Warn) this.list.push(message);
  }
}

/**
 * What can be imported from the packages, by the `exports` of each. A package's README belongs to its main entry.
 *
 * @returns {Entry[]}
 */
export function entries(/** @type {string} */ root) {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join(root, 'packages', name);
    if (!existsSync(join(folder, 'package.json'))) return [];
    const { name: packageName, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return Object.entries(exports).flatMap(([subpath, { '@kd/source': source }]) => {
      if (!source) return []; // ./package.json
      const readme = subpath === '.' ? slashes(join(folder, 'README.md')) : undefined;
      return [
        { packageName, specifier: posix.join(packageName, subpath), source: slashes(join(folder, source)), readme },
      ];
    });
  });
}

/** @returns {string[]} The pages beside the packages' READMEs */
function pages(/** @type {string} */ root) {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`);
  const readmes = ['examples', 'benchmarks'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}/README.md`),
  );
  return ['CONTRIBUTING.md', ...inDocs, ...readmes]
    .filter((path) => path.endsWith('.md') && existsSync(join(root, path)))
    .map((path) => slashes(join(root, path)))
    .sort();
}

/**
 * A page gets the name of its heading, and its place in the navigation.
 *
 * @param {import('typedoc').DocumentReflection} page so far named by its path
 */
function namePage(page) {
  const [, group] = /** @type {[string, string]} */ (GROUPS.find(([folder]) => page.name.startsWith(folder ?? '')));
  page.frontmatter.group = group;
  page.name = HEADING.exec(page.content[0]?.text ?? '')?.[1]?.replaceAll('`', '') ?? page.name;
}

/** Code blocks without a language are output of programs, not TypeScript. */
function plainOutput(/** @type {import('typedoc').CommentDisplayPart[]} */ parts) {
  for (const part of parts) {
    if (part.kind === 'code') part.text = part.text.replace(/^```\n/, '```text\n');
  }
}

/**
 * Builds the API reference with typedoc: all packages' entries from their sources, with their READMEs, the root's as first page,
 * and the pages of docs/. Types are not checked here; `npm run typecheck` does that.
 *
 * @param {string} root the repository
 * @param {string} out the site's folder; what is in it is replaced
 * @returns {Promise<string[]>} what typedoc warns of: links to nowhere, parameters that do not exist …
 */
export async function buildDocs(root, out) {
  const all = entries(root);
  const tsconfig = join(root, `tsconfig.docs-${process.pid}.json`);
  const compilerOptions = { noEmit: true, allowImportingTsExtensions: true, lib: ['ES2022', 'DOM'], types: ['node'] };
  const files = all.map(({ source }) => source);
  writeFileSync(tsconfig, JSON.stringify({ extends: './tsconfig.base.json', compilerOptions, files }));
  try {
    const app = await Application.bootstrap({
      name: 'kd',
      tsconfig,
      entryPoints: files,
      projectDocuments: pages(root),
      readme: slashes(join(root, 'README.md')),
      basePath: root,
      out,
      customCss: fileURLToPath(new URL('docs.css', import.meta.url)),
      disableSources: true, // the repository has no address yet that they could link to
      navigation: { includeGroups: true },
      searchInDocuments: true,
      groupOrder: ['Modules', 'Guides', 'Cookbook', 'Coming from', '*'],
      highlightLanguages: ['typescript', 'json', 'jsonc', 'yaml', 'html', 'bash', 'sh', 'python', 'py', 'diff'],
    });
    const problems = new Problems();
    app.logger = problems;
    app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
      if (posix.basename(page.name) === 'README') {
        page.project.files.registerReflectionPath(slashes(join(root, posix.dirname(page.name))), page);
      }
      namePage(page);
      plainOutput(page.content);
    });
    app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
      const [first] = project.readme ?? [];
      if (first) first.text = first.text.replace(HEADING, ''); // the page's title says it
      plainOutput(project.readme ?? []);
      for (const { specifier, readme } of all) {
        const module = project.children?.find(({ name }) => name === specifier);
        if (!module || !readme) continue;
        const page = new MinimalSourceFile(readFileSync(readme, 'utf8').replace(HEADING, ''), readme);
        module.readme = app.converter.parseRawComment(page, project.files).content;
        plainOutput(module.readme);
        for (const path of [readme, slashes(posix.dirname(readme))]) project.files.registerReflectionPath(path, module);
      }
    });
    const points = (app.getEntryPoints() ?? []).map((point) => {
      const entry = all.find(({ source }) => source === slashes(point.sourceFile.fileName));
      return { ...point, displayName: entry?.specifier ?? point.displayName };
    });
    const project = app.converter.convert(points);
    for (const packageName of new Set(all.map(({ packageName }) => packageName))) {
      project.packageName = packageName; // only its types does typedoc expect to be exported
      app.validate(project);
    }
    await app.generateOutputs(project);
    return [...new Set(problems.list)].filter(
      (problem) => !HELPERS.some((name) => problem.startsWith(`${name}, defined in`)),
    );
  } finally {
    rmSync(tsconfig);
  }
}

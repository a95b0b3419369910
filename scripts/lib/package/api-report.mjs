import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { entries } from './entry-imports.mjs';

/** What a strict project of a user has. */
const COMPILER = {
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  target: 'ES2022',
  lib: ['ES2022', 'DOM'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
};

/** @returns {ExtractorConfig} */
function configuration(
  /** @type {string} */ folder,
  /** @type {string} */ into,
  /** @type {{ name: string, types: string }} */ { name, types },
) {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, types),
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions: COMPILER, files: [types] } },
      apiReport: {
        enabled: true,
        reportFolder: into,
        reportTempFolder: into,
        reportFileName: name === '.' ? 'index' : name.slice('./'.length).replaceAll('/', '-'),
        includeForgottenExports: true, // types that signatures are made of: a change of them is one of the API
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
    },
  });
}

/**
 * Public API of a package that has been built: for each entry a page with every export and its signature.
 *
 * @param {string} source the package's folder
 * @returns {Map<string, string>} file name, such as `index.api.md`, and text
 */
export function apiReports(source) {
  const folder = resolve(source); // API Extractor takes no relative paths
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const into = mkdtempSync(join(tmpdir(), 'kd-api-'));
  const all = entries(manifest).map(({ name, files: [, types = ''] }) => configuration(folder, into, { name, types }));
  const [first] = all;
  if (!first) throw new Error(`${folder}/package.json has no entries with types`);
  const compilerState = CompilerState.create(first, {
    additionalEntryPoints: all.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
  });
  for (const config of all) {
    Extractor.invoke(config, {
      compilerState,
      localBuild: true, // writes the report
      messageCallback(message) {
        message.handled = true; // about release tags and TSDoc, neither of which is used here
      },
    });
  }
  const reports = new Map(readdirSync(into).map((file) => [file, readFileSync(join(into, file), 'utf8')]));
  rmSync(into, { recursive: true });
  return reports;
}

/** @returns {Map<string, string>} the reports that are kept */
function keptReports(/** @type {string} */ folder) {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

/** Where two texts part. */
function firstDifference(/** @type {string} */ before, /** @type {string} */ now) {
  const [old, lines] = [before.split('\n'), now.split('\n')];
  const i = lines.findIndex((line, index) => line !== old[index]);
  const at = i === -1 ? lines.length : i;
  return `line ${at + 1}: '${old[at] ?? ''}' is now '${lines[at] ?? ''}'`;
}

/**
 * Reports that are not what the package exports.
 *
 * @param {string} folder `api/` of the package
 * @param {ReadonlyMap<string, string>} reports what they should be
 * @returns {string[]}
 */
export function apiProblems(folder, reports) {
  const kept = keptReports(folder);
  return [...new Set([...reports.keys(), ...kept.keys()])].flatMap((file) => {
    const [before, now] = [kept.get(file), reports.get(file)];
    if (before === now) return [];
    if (before === undefined) return [`api/${file} is missing; npm run api writes it`];
    if (now === undefined) return [`api/${file} is of no entry; npm run api removes it`];
    return [
      `The API changed: api/${file} ${firstDifference(before, now)}. If that is meant, npm run api writes it down`,
    ];
  });
}

/** @param {string} folder `api/` of the package */
export function writeReports(/** @type {string} */ folder, /** @type {ReadonlyMap<string, string>} */ reports) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [file, text] of reports) writeFileSync(join(folder, file), text);
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const STAMP = join(root, 'node_modules', '.kd-installed');

/** Folders of the root and of every workspace package, relative to the root. */
function workspaceFolders() {
  const lines = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').split(/\r?\n/);
  const list = lines.slice(lines.indexOf('packages:') + 1);
  const end = list.findIndex((line) => !line.startsWith('  - '));
  const patterns = list.slice(0, end === -1 ? list.length : end).map((line) => line.slice(4).trim());
  const folders = patterns.flatMap((pattern) => {
    const parent = pattern.replace(/\/\*$/, '');
    if (parent === pattern || !existsSync(join(root, parent))) return [pattern];
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  });
  return ['.', ...folders.filter((folder) => existsSync(join(root, folder, 'package.json'))).sort()];
}

/** SHA-256 of everything an install depends on. */
function fingerprint() {
  const hash = createHash('sha256');
  hash.update(`node ${process.versions.node.split('.')[0]} ${process.platform} ${process.arch}\n`);
  const files = [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    ...workspaceFolders().map((folder) => `${folder}/package.json`),
  ];
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Whether every package that needs a node_modules folder has one. */
function foldersExist() {
  return workspaceFolders().every((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const needs = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0;
    return !needs || existsSync(join(root, folder, 'node_modules'));
  });
}

/** Whether what is installed belongs to the lockfile and the manifests as they are now. */
export function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint() && foldersExist();
}

/** Before an install: from here on, an interruption leaves no stamp. */
export function removeStamp() {
  rmSync(STAMP, { force: true });
}

export function writeStamp() {
  writeFileSync(`${STAMP}.${process.pid}`, fingerprint());
  renameSync(`${STAMP}.${process.pid}`, STAMP);
}

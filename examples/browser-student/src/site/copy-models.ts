import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { KdError } from '@kd/core';
import { findNetworks, findTeacher, networkFiles } from '../networks/find-networks.ts';
import type { Manifest } from '../page/own-models.ts';
import type { Options } from './options.ts';

/** Which file goes where below `models/`. */
type Copies = [from: string, to: string][];

async function pathsIn(option: string, folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: Error) => {
    throw new KdError('NOT_FOUND', `--${option}: cannot read the folder '${folder}'`, { folder }, { cause });
  });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    );
}

const networkCopies = (folder: string, paths: readonly string[], found: string, role: string): Copies =>
  networkFiles(paths, found).map((name) => [join(folder, found, name), `${role}/${name}`]);

async function runCopies(run: string): Promise<Copies> {
  const paths = await pathsIn('run', run);
  const { student, teacher, samples } = findNetworks(paths);
  if (student === undefined) {
    throw new KdError(
      'NOT_FOUND',
      `--run: there is no student in '${run}'; give the folder of a run, which has student/ in it, or the student's own`,
      { run },
    );
  }
  return [
    ...networkCopies(run, paths, student, 'student'),
    ...(teacher === undefined ? [] : networkCopies(run, paths, teacher, 'teacher')),
    ...samples.map((path): Copies[number] => [join(run, path), path]),
  ];
}

async function teacherCopies(folder: string): Promise<Copies> {
  const paths = await pathsIn('teacher', folder);
  const found = findTeacher(paths);
  if (found !== undefined) return networkCopies(folder, paths, found, 'teacher');
  throw new KdError(
    'NOT_FOUND',
    `--teacher: there is no network in '${folder}'; it needs model.json, or config.json and model.safetensors`,
    { folder },
  );
}

async function sampleCopies(folder: string): Promise<Copies> {
  const { samples } = findNetworks((await pathsIn('samples', folder)).map((path) => `samples/${path}`));
  if (samples.length > 0) return samples.map((path) => [join(folder, basename(path)), path]);
  throw new KdError('NOT_FOUND', `--samples: there are no PNG, JPEG, WebP, GIF or AVIF images in '${folder}'`, {
    folder,
  });
}

/**
 * Copies the networks that a page shows, and nothing else of their runs, into `models/` beside it, with a list of them.
 *
 * @throws {KdError} NOT_FOUND if a folder is not there, or not what it should be
 */
export async function copyModels(page: string, { run, teacher, samples }: Partial<Options>): Promise<Manifest> {
  const copies = new Map<string, string>();
  for (const [from, to] of run === undefined ? [] : await runCopies(run)) copies.set(to, from);
  const replace = (folder: string, by: Copies): void => {
    for (const to of [...copies.keys()]) if (to.startsWith(`${folder}/`)) copies.delete(to);
    for (const [from, to] of by) copies.set(to, from);
  };
  if (teacher !== undefined) replace('teacher', await teacherCopies(teacher));
  if (samples !== undefined) replace('samples', await sampleCopies(samples));
  for (const [to, from] of copies) {
    const target = join(page, 'models', to);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(from, target);
  }
  const manifest: Manifest = {
    run: run === undefined ? '' : `${basename(dirname(run))}/${basename(run)}`,
    files: [...copies.keys()],
  };
  await mkdir(join(page, 'models'), { recursive: true });
  await writeFile(join(page, 'models', 'models.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd lock '));
});
afterEach(() => rm(folder, { recursive: true }));

const lockOf = async (): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(folder, '.lock'), 'utf8')) as Record<string, unknown>;
const leave = (lock: object | string) =>
  writeFile(join(folder, '.lock'), typeof lock === 'string' ? lock : JSON.stringify(lock));

it('is one for each folder at a time, made if missing, and leaves nothing', async () => {
  const place = join(folder, 'a', 'run');
  const release = lockFolder(place);
  expect(() => lockFolder(join(folder, 'a', '.', 'run'))).toThrow(
    `checkpointFolder: process ${process.pid} has been writing to '${join(folder, 'a', 'run')}' since 2`,
  );
  lockFolder(join(folder, 'a', 'other'))();
  release();
  release();
  lockFolder(place)();
  expect(await readdir(join(folder, 'a'))).toEqual([]);
  expect(await readdir(folder)).toEqual(['a']);
});

it('keeps a folder that was there, or has content', async () => {
  lockFolder(folder)();
  const place = join(folder, 'run');
  const release = lockFolder(place);
  await writeFile(join(place, 'notes'), '');
  release();
  expect(await readdir(place)).toEqual(['notes']);
});

it('sees a process that runs, until it is killed', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(other, 'spawn');
  lockFolder(folder)();
  const { started } = await startOf(other.pid!);
  await leave({ pid: other.pid, host: hostname(), started, since: '2026-01-02T03:04:05.000Z' });
  expect(() => lockFolder(folder)).toThrow(
    `process ${other.pid} has been writing to '${folder}' since 2026-01-02T03:04:05.000Z; wait for it, or give this run a`,
  );
  if (started !== null) {
    await leave({ pid: other.pid, host: hostname(), started: '1', since: '' }); // the same number, another process
    lockFolder(folder)();
    await leave({ pid: other.pid, host: hostname(), started, since: '' });
  }
  other.kill('SIGKILL');
  await once(other, 'exit');
  lockFolder(folder)();
});

it.each<[string, object | string]>([
  ['of another machine', { pid: 1, host: 'elsewhere', started: null, since: '' }],
  ['of a process of our number before us', { pid: process.pid, host: hostname(), started: '7', since: '' }],
  ['that was not written whole', '{"pid":'],
  ['that is empty', ''],
])('a lock %s counts for nothing', async (_, lock) => {
  await leave(lock);
  const release = lockFolder(folder);
  expect(await lockOf()).toMatchObject({ pid: process.pid, host: hostname() });
  release();
  expect(await readdir(folder)).toEqual([]);
});

it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'says that a folder is read-only (skipped as root, who may write everywhere, and on Windows)',
  async () => {
    await chmod(folder, 0o500);
    expect(() => lockFolder(folder)).toThrow(
      /checkpointFolder: '.*' cannot be written to \(EACCES.*; make it writable/,
    );
    await chmod(folder, 0o700);
  },
);

it('says that a file stands in the way', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(() => lockFolder(join(folder, 'file', 'run'))).toThrow(/file.run' cannot be written to \(E(NOTDIR|EXIST)/);
});

/** As a process of its own would write it: asked of a lock that a child takes. */
async function startOf(pid: number): Promise<{ started: string | null }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return { started: stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null };
}

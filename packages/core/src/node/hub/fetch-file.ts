import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { KdError } from '../../errors.ts';
import { cacheFolder, checkInside, fileUrl } from './address.ts';
import { download, fileSize, type RemoteFile } from './download.ts';
import { withLock } from './lock.ts';
import { hubRequest, idleSignal } from './request.ts';
import type { HubSettings } from './settings.ts';

/** Asks the Hub for the content's name and size, without the content. */
async function describe(settings: HubSettings, repo: string, commit: string, path: string): Promise<RemoteFile> {
  const url = fileUrl(settings, repo, commit, path);
  const { signal, done } = idleSignal(settings);
  try {
    const { response, headers } = await hubRequest(settings, { repo, path }, url, {
      method: 'HEAD',
      signal,
      stay: true,
    });
    const first = (name: string): string | undefined =>
      headers.map((hop) => hop.get(name)).find((value) => value !== null) ?? undefined;
    const etag = (first('X-Linked-Etag') ?? response.headers.get('ETag') ?? '').replace(/^W\//, '').replaceAll('"', '');
    const size = first('X-Linked-Size') ?? (response.ok ? response.headers.get('Content-Length') : undefined);
    const found = first('X-Repo-Commit') ?? commit;
    if (!/^[\w-]{1,128}$/.test(etag) || found !== commit) {
      const { hubUrl, caller } = settings;
      const why = found === commit ? `without the name of its content (ETag '${etag}')` : `of commit ${found}`;
      throw new KdError('INVALID_DATA', `${caller}: ${hubUrl} describes '${path}' of '${repo}' at ${commit} ${why}`);
    }
    return { url, etag, size: size && /^\d+$/.test(size) ? Number(size) : undefined };
  } finally {
    done();
  }
}

/** Puts the name of a file beside its content, as a relative link; as a copy where links are not allowed (Windows). */
async function link(blob: string, pointer: string): Promise<void> {
  await mkdir(dirname(pointer), { recursive: true });
  try {
    await symlink(relative(dirname(pointer), blob), pointer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') await copyFile(blob, pointer);
  }
}

/**
 * The path of a file in the cache; it is downloaded if it is not there.
 *
 * @param unreached why the Hub is not to be asked
 */
export async function fetchFile(
  settings: HubSettings,
  repo: string,
  commit: string,
  path: string,
  unreached: string | undefined,
): Promise<string> {
  checkInside(settings.caller, 'the path', path);
  const folder = cacheFolder(settings, repo);
  const pointer = join(folder, 'snapshots', commit, path);
  if ((await fileSize(pointer)) !== undefined) return pointer;
  if (unreached !== undefined) {
    throw new KdError(
      'UNAVAILABLE',
      `${settings.caller}: '${path}' of '${repo}' at ${commit} is not in the cache ${settings.cacheDir}, and ${unreached}`,
      { repo, path, commit },
    );
  }
  const remote = await describe(settings, repo, commit, path);
  const blob = join(folder, 'blobs', remote.etag);
  const isThere = async (): Promise<boolean> => {
    const size = await fileSize(blob);
    return size !== undefined && size === (remote.size ?? size);
  };
  if (!(await isThere())) {
    await mkdir(dirname(blob), { recursive: true });
    const lock = join(settings.cacheDir, '.locks', basename(folder), `${remote.etag}.kd.lock`);
    await withLock(lock, settings.signal, async () => {
      if (!(await isThere())) await download(settings, { repo, path }, remote, blob);
    });
  }
  await link(blob, pointer);
  return pointer;
}

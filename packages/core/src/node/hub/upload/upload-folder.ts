import { readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KdError } from '../../../errors.ts';
import { checkInside, checkRepoId } from '../address.ts';
import type { HubOptions } from '../settings.ts';
import { uploadAccess } from './access.ts';
import { hubLibrary } from './hub-library.ts';
import { uploadError } from './upload-error.ts';

export interface UploadFolderOptions extends Omit<HubOptions, 'cacheDir' | 'onProgress'> {
  /** First line of the commit. @default 'Upload <number> files' */
  message?: string;
  /** The folder in the repository that the files go to. @default its root */
  pathInRepo?: string;
  /** Which files, by their path in the folder, with `/`. @default all */
  include?: (path: string) => boolean;
}

/** Paths of the files in a folder and its subfolders, sorted, with `/`; git's own folder is left out. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').includes('.git'))
    .sort();
}

/**
 * Uploads a folder to a repository of the Hugging Face Hub, as one commit: all of it is there, or nothing.
 *
 * Large files are read from the disk in pieces. Pieces are tried again when a connection breaks, and what has arrived is
 * not sent twice, also not by a later call: the Hub knows contents by their SHA-256. Files of the repository that the
 * folder does not have stay.
 *
 * @param repo `org/name`: see `createRepo`
 * @param folder on this machine; links in it are left out
 * @returns the commit and its page
 * @throws {KdError} INVALID_DATA if there is nothing to upload; ACCESS_DENIED without a token or the permission to write;
 *   NOT_FOUND if there is no such folder, repository or branch, or the package `@huggingface/hub` is not installed;
 *   UNAVAILABLE if the Hub cannot be reached
 *
 * Reference: `upload_folder` of Python's huggingface_hub.
 *
 * @example
 * import { uploadFolder, writeFileAtomic } from '@kd/core/node';
 * await writeFileAtomic('student/config.json', '{}');
 * const token = false; // left out: HF_TOKEN, or your login
 * const uploaded = uploadFolder('you/beans-mobilenet', 'student', { message: 'Distilled student', token });
 * await uploaded.catch((error) => console.log(error.code)); // ACCESS_DENIED
 */
export async function uploadFolder(
  repo: string,
  folder: string,
  { message, pathInRepo, include = () => true, ...options }: UploadFolderOptions = {},
): Promise<{ commit: string; url: string }> {
  const caller = 'uploadFolder';
  checkRepoId(caller, repo);
  if (pathInRepo !== undefined) checkInside(caller, 'pathInRepo', pathInRepo);
  const all = await filesOf(folder).catch((cause: unknown) => {
    throw new KdError('NOT_FOUND', `${caller}: the folder '${folder}' cannot be read`, { folder }, { cause });
  });
  const paths = all.filter(include);
  if (paths.length === 0) {
    const why = all.length === 0 ? 'is empty' : `has ${all.length} files, and \`include\` wants none of them`;
    throw new KdError('INVALID_DATA', `${caller}: the folder '${folder}' ${why}`, { folder });
  }
  const { settings, access } = await uploadAccess(caller, options);
  const library = await hubLibrary(caller);
  try {
    const done = await library.commit({
      ...access,
      repo: { type: settings.type, name: repo },
      branch: settings.revision,
      title: message ?? `Upload ${paths.length} ${paths.length === 1 ? 'file' : 'files'}`,
      operations: paths.map((path) => ({
        operation: 'addOrUpdate',
        path: pathInRepo === undefined ? path : `${pathInRepo}/${path}`,
        content: pathToFileURL(resolve(folder, path)),
      })),
      ...(settings.signal ? { abortSignal: settings.signal } : {}),
    });
    return { commit: done!.commit.oid, url: done!.commit.url }; // only buckets have no commits
  } catch (error) {
    throw uploadError(settings, repo, error);
  }
}

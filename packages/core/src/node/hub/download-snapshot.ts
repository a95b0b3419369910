import { openRepoFor } from './open-repo.ts';
import type { HubOptions } from './settings.ts';

export interface DownloadSnapshotOptions extends HubOptions {
  /** Which files. @default all */
  include?: (path: string) => boolean;
}

/**
 * Downloads a repository of the Hugging Face Hub at one commit, or those of its files that are wanted, one after the
 * other. `openRepo` says how.
 *
 * @param repo `org/name`, or a folder, which is given back as it is
 * @returns the folder that they are in
 * @throws {KdError} as `openRepo` and its `file` say
 *
 * @example
 * import { downloadSnapshot, writeFileAtomic } from '@kd/core/node';
 * await writeFileAtomic('my-model/config.json', '{}');
 * const folder = await downloadSnapshot('my-model', { include: (path) => path.endsWith('.json') });
 * console.log(folder.endsWith('my-model')); // true
 */
export async function downloadSnapshot(
  repo: string,
  { include = () => true, ...options }: DownloadSnapshotOptions = {},
): Promise<string> {
  const opened = await openRepoFor('downloadSnapshot', repo, options);
  if (opened.commit === undefined) return opened.folder;
  for (const path of await opened.list()) {
    if (include(path)) await opened.file(path);
  }
  return opened.folder;
}

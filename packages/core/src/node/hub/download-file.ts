import { openRepoFor } from './open-repo.ts';
import type { HubOptions } from './settings.ts';

/**
 * The place of one file of a repository of the Hugging Face Hub on this machine; it is downloaded if it is not there.
 * `openRepo` says how, and is for more than one file: it asks for the commit once.
 *
 * @param repo `org/name`, or a folder
 * @param path in the repository, with `/`
 * @throws {KdError} as `openRepo` and its `file` say
 *
 * @example
 * import { downloadFile, writeFileAtomic } from '@kd/core/node';
 * await writeFileAtomic('my-model/config.json', '{}');
 * console.log((await downloadFile('my-model', 'config.json')).endsWith('my-model/config.json')); // true
 */
export async function downloadFile(repo: string, path: string, options: HubOptions = {}): Promise<string> {
  const opened = await openRepoFor('downloadFile', repo, options);
  return opened.file(path);
}

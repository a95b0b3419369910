import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { KdError } from '../../errors.ts';
import { writeFileAtomic } from '../atomic-file.ts';
import { cacheFolder, checkInside, checkRepoId, revisionUrl } from './address.ts';
import { fileSize } from './download.ts';
import { fetchFile } from './fetch-file.ts';
import { hubRequest, idleSignal } from './request.ts';
import { type HubOptions, type HubSettings, hubSettings } from './settings.ts';

/** A repository of the Hub at one commit, or a folder on this machine: files by name. */
export interface Repo {
  /** Where its files are, or will be once they are asked for. */
  readonly folder: string;
  /** 40 hexadecimal digits; absent for a folder of your own. */
  readonly commit: string | undefined;
  /** Paths of all files, with `/`, sorted; offline those that are in the cache. */
  list(): Promise<string[]>;
  /**
   * The place of a file on this machine; it is downloaded first if need be.
   *
   * @throws {KdError} NOT_FOUND if there is no such file; UNAVAILABLE if the Hub cannot be reached and it is not in the
   *   cache; INVALID_DATA if what comes is not what the Hub says it is
   */
  file(path: string): Promise<string>;
}

const COMMIT = /^[0-9a-f]{40}$/;

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return paths.map((path) => path.split(sep).join('/')).sort();
}

function localRepo(caller: string, folder: string): Repo {
  return {
    folder,
    commit: undefined,
    list: () => filesIn(folder),
    async file(path) {
      checkInside(caller, 'the path', path);
      const place = join(folder, path);
      if ((await fileSize(place)) !== undefined) return place;
      throw new KdError('NOT_FOUND', `${caller}: no file '${path}' in '${folder}'`, { folder, path });
    },
  };
}

interface Revision {
  commit: string;
  files: string[];
}

/** Commit and files of the revision, as the Hub has them now. */
async function askHub(settings: HubSettings, repo: string): Promise<Revision> {
  const { signal, done } = idleSignal(settings);
  try {
    const { response } = await hubRequest(settings, { repo }, revisionUrl(settings, repo), { signal });
    const answer = (await response.json()) as { sha?: unknown; siblings?: { rfilename?: unknown }[] };
    const files = answer.siblings?.map(({ rfilename }) => rfilename) ?? [];
    if (
      typeof answer.sha !== 'string' ||
      !COMMIT.test(answer.sha) ||
      !files.every((file) => typeof file === 'string')
    ) {
      throw new Error('the answer has no commit and files');
    }
    return { commit: answer.sha, files: files.sort() };
  } catch (error) {
    settings.signal?.throwIfAborted();
    if (KdError.isInstance(error)) throw error;
    const { message } = error as Error;
    throw new KdError(
      'UNAVAILABLE',
      `${settings.caller}: ${settings.hubUrl} does not speak as the Hub does (${message})`,
    );
  } finally {
    done();
  }
}

/** The commit that a revision was, the last time the Hub was asked; by Python or by us. */
async function rememberedCommit(settings: HubSettings, repo: string): Promise<string | undefined> {
  const { revision } = settings;
  if (COMMIT.test(revision)) return revision;
  const text = await readFile(join(cacheFolder(settings, repo), 'refs', revision), 'utf8').catch(() => '');
  return COMMIT.test(text.trim()) ? text.trim() : undefined;
}

/**
 * Opens a model or data set by its id on the Hugging Face Hub, or a folder on this machine.
 *
 * A revision is looked up once: whatever is read afterwards is of that commit, even if the branch moves on. Files are
 * downloaded when they are asked for, into the cache that Python's huggingface_hub uses
 * (`models--org--name/{blobs,refs,snapshots}`), and each is compared with its size and hash. A download that was cut
 * goes on where it ended; processes that want the same file at once wait for one of them. If the Hub cannot be reached,
 * the cache answers; a commit that is in the cache needs no network at all.
 *
 * @param repo `org/name`, or a folder: one that exists is meant first
 * @throws {KdError} INVALID_ARGUMENT if it is neither a folder nor an id, or a revision of a folder is asked for
 * @throws {KdError} NOT_FOUND if there is no such repository or revision
 * @throws {KdError} ACCESS_DENIED if it is gated or the token is not taken
 * @throws {KdError} UNAVAILABLE if the Hub cannot be reached (or must not, offline) and the cache has no such revision
 *
 * Reference: the cache and the requests of Python's huggingface_hub.
 *
 * @example
 * import { openRepo, writeFileAtomic } from '@kd/core/node';
 * await writeFileAtomic('my-model/config.json', '{}');
 * const repo = await openRepo('my-model'); // or 'google/vit-base-patch16-224'
 * console.log(await repo.list()); // [ 'config.json' ]
 * console.log(await repo.file('config.json') === `${repo.folder}/config.json`); // true
 */
export async function openRepo(repo: string, options: HubOptions = {}): Promise<Repo> {
  return openRepoFor('openRepo', repo, options);
}

/** `openRepo` for another function, whose name errors start with. */
export async function openRepoFor(caller: string, repo: string, options: HubOptions): Promise<Repo> {
  const isFolder = await stat(repo).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder && options.revision === undefined) return localRepo(caller, resolve(repo));
  if (isFolder) {
    throw new KdError('INVALID_ARGUMENT', `${caller}: the folder '${repo}' has no revision '${options.revision}'`);
  }
  checkRepoId(caller, repo);
  const settings = await hubSettings(caller, options);
  const { revision } = settings;
  checkInside(caller, 'the revision', revision);

  const remembered = await rememberedCommit(settings, repo);
  let unreached = settings.offline ? 'the Hub must not be asked (HF_HUB_OFFLINE or `offline`)' : undefined;
  let found: Revision | undefined;
  const ask = async (): Promise<Revision | undefined> => {
    if (unreached !== undefined || found) return found;
    try {
      found = await askHub(settings, repo);
    } catch (error) {
      if (!KdError.isInstance(error) || error.code !== 'UNAVAILABLE' || !remembered) throw error;
      unreached = error.message.slice(caller.length + 2);
    }
    return found;
  };
  const commit = COMMIT.test(revision) ? revision : ((await ask())?.commit ?? remembered);
  if (!commit) {
    const why = `${caller}: revision '${revision}' of '${repo}' is not in the cache ${settings.cacheDir}, and ${unreached}`;
    throw new KdError('UNAVAILABLE', why, { repo, revision });
  }
  if (found && commit !== revision && commit !== remembered) {
    await writeFileAtomic(join(cacheFolder(settings, repo), 'refs', revision), commit);
  }
  const folder = join(cacheFolder(settings, repo), 'snapshots', commit);
  return {
    folder,
    commit,
    list: async () => (await ask())?.files ?? filesIn(folder),
    file: (path) => fetchFile(settings, repo, commit, path, unreached),
  };
}

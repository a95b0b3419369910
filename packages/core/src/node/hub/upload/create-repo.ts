import { checkRepoId, repoUrl } from '../address.ts';
import type { HubOptions, HubSettings } from '../settings.ts';
import { type UploadAccess, uploadAccess } from './access.ts';
import { hubLibrary } from './hub-library.ts';
import { statusOf, uploadError } from './upload-error.ts';

export interface CreateRepoOptions extends Omit<HubOptions, 'cacheDir' | 'onProgress'> {
  /** Of a repository that is made now. @default what the organisation has set, else public */
  private?: boolean;
}

export interface WritableRepo {
  /** With its owner: `org/name`. */
  repo: string;
  /** Its page, for people. */
  url: string;
  /** Whose token it is. */
  user: string;
}

/** Asks where a file would go, which takes the permission to write. */
async function checkWritable({ settings, access }: UploadAccess, repo: string): Promise<void> {
  const { hubUrl, type, revision } = settings;
  const url = `${hubUrl}/api/${type}s/${repo}/preupload/${encodeURIComponent(revision)}`;
  const response = await access.fetch(url, {
    method: 'POST',
    headers: { Authorization: `Bearer ${access.accessToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ files: [{ path: 'README.md', size: 0, sample: '' }] }),
  });
  await response.body?.cancel();
  if (!response.ok) throw Object.assign(new Error('preupload'), { statusCode: response.status });
}

/**
 * Makes a repository on the Hugging Face Hub, unless there is one of that name, and makes sure that it can be written to:
 * so that a run that will upload its model hours later learns it before it starts.
 *
 * @param repo `name` or `org/name`
 * @throws {KdError} ACCESS_DENIED without a token, with one that is not taken, or that may not write; NOT_FOUND if the
 *   package `@huggingface/hub` is not installed; INVALID_ARGUMENT for a name that the Hub does not allow; UNAVAILABLE if
 *   the Hub cannot be reached
 *
 * Reference: `create_repo(exist_ok=True)` of Python's huggingface_hub.
 *
 * @example
 * import { createRepo } from '@kd/core/node';
 * const made = createRepo('beans-mobilenet', { private: true, token: false }); // left out: HF_TOKEN, or your login
 * await made.catch((error) => console.log(error.code)); // ACCESS_DENIED
 */
export async function createRepo(repo: string, options: CreateRepoOptions = {}): Promise<WritableRepo> {
  const caller = 'createRepo';
  checkRepoId(caller, repo);
  const upload = await uploadAccess(caller, options);
  const library = await hubLibrary(caller);
  const { settings, access } = upload;
  try {
    const { name: user } = await library.whoAmI(access);
    const name = repo.includes('/') ? repo : `${user}/${repo}`;
    await makeRepo(upload, library, name, options.private);
    return { repo: name, url: repoUrl(settings, name), user };
  } catch (error) {
    throw uploadError(settings, repo, error);
  }
}

async function makeRepo(
  upload: UploadAccess & { settings: HubSettings },
  library: Awaited<ReturnType<typeof hubLibrary>>,
  name: string,
  isPrivate: boolean | undefined,
): Promise<void> {
  const { access, settings } = upload;
  const designation = { type: settings.type, name };
  try {
    await library.createRepo({
      ...access,
      repo: designation,
      ...(isPrivate === undefined ? {} : { private: isPrivate }),
    });
  } catch (error) {
    // 409: it is there; 403: this token may not make any, but perhaps it may write to this one
    if (statusOf(error) !== 409 && statusOf(error) !== 403) throw error;
    await checkWritable(upload, name).catch((why: unknown) => {
      throw statusOf(error) === 403 && statusOf(why) === 404 ? error : why;
    });
  }
}

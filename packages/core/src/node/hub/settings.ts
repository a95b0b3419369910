import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { KdError } from '../../errors.ts';

/** How far the download of a file is. */
export interface DownloadProgress {
  /** In the repository. */
  path: string;
  /** Bytes on the disk. */
  loaded: number;
  /** Bytes of the file, where the Hub has said. */
  total: number | undefined;
}

/** Where and how to look on the Hugging Face Hub. The variables of the environment are those of Python's huggingface_hub. */
export interface HubOptions {
  /** @default 'model' */
  type?: 'model' | 'dataset';
  /** Branch, tag, commit (40 hexadecimal digits) or `refs/pr/<n>`. @default 'main' */
  revision?: string;
  /** Cache, shared with Python. @default `HF_HUB_CACHE`, else `HF_HOME`/hub, else ~/.cache/huggingface/hub */
  cacheDir?: string;
  /** @default `HF_ENDPOINT`, else https://huggingface.co */
  hubUrl?: string;
  /**
   * For private and gated repositories; `false` for none. It is sent to the Hub alone, and is in no error.
   * @default `HF_TOKEN`, else the file that `hf auth login` wrote
   */
  token?: string | false;
  /** Answer from the cache alone. @default whether `HF_HUB_OFFLINE` is set */
  offline?: boolean;
  /** @default Node's own */
  fetch?: typeof fetch;
  /** Milliseconds without a byte after which a connection counts as dead. @default 30000 */
  idleTimeout?: number;
  /** Is called often while a file is being downloaded. */
  onProgress?: (progress: DownloadProgress) => void;
  /** Stops waiting and downloading. What is on the disk by then is used the next time. */
  signal?: AbortSignal;
}

/** Options with everything filled in. */
export interface HubSettings {
  /** The function that errors start with. */
  caller: string;
  type: 'model' | 'dataset';
  revision: string;
  cacheDir: string;
  hubUrl: string;
  token: string | undefined;
  offline: boolean;
  fetch: typeof fetch;
  idleTimeout: number;
  onProgress: (progress: DownloadProgress) => void;
  signal: AbortSignal | undefined;
}

/** A variable that is set and not empty. */
function variable(name: string): string | undefined {
  return process.env[name]?.trim() || undefined;
}

function isTrue(name: string): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes(variable(name)?.toUpperCase() ?? '');
}

function folder(path: string): string {
  return resolve(path.replace(/^~(?=$|[\\/])/, homedir()));
}

async function findToken(home: string): Promise<string | undefined> {
  if (isTrue('HF_HUB_DISABLE_IMPLICIT_TOKEN')) return undefined;
  const found = variable('HF_TOKEN') ?? variable('HUGGING_FACE_HUB_TOKEN');
  if (found) return found;
  const path = folder(variable('HF_TOKEN_PATH') ?? join(home, 'token'));
  const text = await readFile(path, 'utf8').catch(() => ''); // not logged in
  return text.trim() || undefined;
}

/** Fills options in from the environment, as it is now. */
export async function hubSettings(caller: string, options: HubOptions): Promise<HubSettings> {
  const home = folder(
    variable('HF_HOME') ?? join(variable('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'huggingface'),
  );
  const cache = variable('HF_HUB_CACHE') ?? variable('HUGGINGFACE_HUB_CACHE') ?? join(home, 'hub');
  const hubUrl = (options.hubUrl ?? variable('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, '');
  if (!/^https?:\/\//.test(hubUrl)) {
    throw new KdError('INVALID_ARGUMENT', `${caller}: the Hub's address must start with https://, got '${hubUrl}'`, {
      hubUrl,
    });
  }
  return {
    caller,
    type: options.type ?? 'model',
    revision: options.revision ?? 'main',
    cacheDir: folder(options.cacheDir ?? cache),
    hubUrl,
    token: options.token === false ? undefined : (options.token ?? (await findToken(home))),
    offline: options.offline ?? (isTrue('HF_HUB_OFFLINE') || isTrue('TRANSFORMERS_OFFLINE')),
    fetch: options.fetch ?? fetch,
    idleTimeout: options.idleTimeout ?? 30_000,
    onProgress: options.onProgress ?? (() => {}),
    signal: options.signal,
  };
}

import { join } from 'node:path';
import { KdError } from '../../errors.ts';
import type { HubSettings } from './settings.ts';

/** Checks a repository's id by the Hub's rules; it becomes the name of a folder. */
export function checkRepoId(caller: string, repo: string): void {
  const valid = /^[\w.-]+(\/[\w.-]+)?$/.test(repo) && !/--|\.\.|(^|\/)[-.]|[-.](\/|$)/.test(repo) && repo.length <= 96;
  if (valid) return;
  throw new KdError(
    'INVALID_ARGUMENT',
    `${caller}: '${repo}' is neither a folder here nor a repository's id, such as 'google/vit-base-patch16-224'`,
    { repo },
  );
}

/** Checks a path that comes from outside before it is joined to a folder: it must stay inside. */
export function checkInside(caller: string, what: string, path: string): void {
  const parts = path.split('/');
  if (path !== '' && !/[\\\0]/.test(path) && !parts.some((part) => ['', '.', '..'].includes(part))) return;
  throw new KdError('INVALID_ARGUMENT', `${caller}: ${what} '${path}' would leave its folder, or is empty`, { path });
}

/** Where a repository lies in the cache, as Python's huggingface_hub has it. */
export function cacheFolder({ cacheDir, type }: HubSettings, repo: string): string {
  return join(cacheDir, [`${type}s`, ...repo.split('/')].join('--'));
}

/** The page of a repository, for people. */
export function repoUrl({ hubUrl, type }: HubSettings, repo: string): string {
  return `${hubUrl}/${type === 'dataset' ? 'datasets/' : ''}${repo}`;
}

/** Where the Hub tells commit and files of a revision. */
export function revisionUrl({ hubUrl, type, revision }: HubSettings, repo: string): string {
  return `${hubUrl}/api/${type}s/${repo}/revision/${encodeURIComponent(revision)}`;
}

/** Where the Hub has a file, or the way to it. */
export function fileUrl(settings: HubSettings, repo: string, commit: string, path: string): string {
  return `${repoUrl(settings, repo)}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

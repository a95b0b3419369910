import { KdError } from '../../../errors.ts';
import { repoUrl } from '../address.ts';
import { unreachable } from '../request.ts';
import type { HubSettings } from '../settings.ts';

/** Status of the Hub's answer, if it was one. */
export const statusOf = (error: unknown): number | undefined => (error as { statusCode?: number } | null)?.statusCode;

/** What went wrong with an upload, and what to do about it. Never with the token in it. */
export function uploadError(settings: HubSettings, repo: string | undefined, error: unknown): unknown {
  const { caller, token, hubUrl } = settings;
  if (settings.signal?.aborted || KdError.isInstance(error)) return error;
  const status = statusOf(error);
  const kdError = (code: ConstructorParameters<typeof KdError>[0], why: string): KdError =>
    new KdError(code, `${caller}: ${why}`, { repo, status });
  const { host } = new URL(hubUrl);
  const what = repo ? `'${repo}'` : 'the account of your token';
  if (status === 401)
    return kdError('ACCESS_DENIED', `${host} does not take your token: make a new one, or log in again`);
  if (status === 403) {
    const page = repo ? ` (${repoUrl(settings, repo)})` : '';
    return kdError(
      'ACCESS_DENIED',
      `your token may not write to ${what}${page}: it needs the permission 'write' (https://huggingface.co/settings/tokens)`,
    );
  }
  if (status === 404)
    return kdError('NOT_FOUND', `${host} has no repository ${what}, or no branch '${settings.revision}'`);
  if (status === undefined) return unreachable(settings, host, error);
  const text = (error as Error).message;
  const reason = token ? text.replaceAll(token, '***') : text;
  return kdError(
    status >= 500 || status === 429 ? 'UNAVAILABLE' : 'INVALID_DATA',
    `${host} answered ${status}: ${reason}`,
  );
}

import { KdError } from '../../errors.ts';
import { repoUrl } from './address.ts';
import type { HubSettings } from './settings.ts';

const MAX_REDIRECTS = 10;

/** What a request is about, for its errors. */
export interface Subject {
  repo: string;
  /** Absent where it is about the repository as a whole. */
  path?: string;
}

/** An error's text, without the token if someone's `fetch` should have put it in. */
function reasonOf(error: unknown, { token }: HubSettings): string {
  const { message = String(error), cause } = error as Error;
  const { message: inner } = (cause ?? {}) as Partial<Error>;
  const text = inner && inner !== message ? `${message}: ${inner}` : message;
  return token ? text.replaceAll(token, '***') : text;
}

/** The Hub cannot be reached, or the connection broke. */
export function unreachable(settings: HubSettings, host: string, error: unknown): KdError {
  const why = reasonOf(error, settings);
  return new KdError('UNAVAILABLE', `${settings.caller}: no connection to ${host} (${why})`, { host });
}

/** What an answer other than success means, and what to do about it. */
function refusal(settings: HubSettings, { repo, path }: Subject, response: Response, place: URL): KdError {
  const { caller, token, revision } = settings;
  const page = repoUrl(settings, repo);
  const { status } = response;
  const reason = response.headers.get('X-Error-Code');
  const message = response.headers.get('X-Error-Message');
  const error = (code: ConstructorParameters<typeof KdError>[0], why: string): KdError =>
    new KdError(code, `${caller}: ${why}`, { repo, path, revision, status });
  const login = token ? 'your token' : 'HF_TOKEN (https://huggingface.co/settings/tokens)';
  const isHub = place.origin === new URL(settings.hubUrl).origin;
  if (!isHub || status >= 500 || status === 429) {
    const what = path ? `'${path}' of '${repo}'` : `'${repo}'`;
    const retry = status === 429 ? 'too many requests; wait a few minutes' : 'try again later';
    return error('UNAVAILABLE', `${place.host} answered ${status} for ${what}: ${retry}`);
  }
  if (reason === 'GatedRepo') {
    const how = token ? 'with the account of your token' : `then set ${login}`;
    return error('ACCESS_DENIED', `'${repo}' is gated: ask for access at ${page}, ${how}`);
  }
  if (reason === 'RevisionNotFound') {
    return error('NOT_FOUND', `'${repo}' has no revision '${revision}'; branches and tags are at ${page}/tree/main`);
  }
  if (reason === 'EntryNotFound') {
    return error('NOT_FOUND', `'${repo}' has no file '${path}' at revision '${revision}'; see ${page}/tree/main`);
  }
  if (status === 401 && message === 'Invalid credentials in Authorization header') {
    return error('ACCESS_DENIED', 'the Hub does not take your token: make a new one, or unset HF_TOKEN');
  }
  if (status === 403) return error('ACCESS_DENIED', `'${repo}' may not be read with ${login}: see ${page}`);
  const advice = token ? 'does your token give access to it?' : `if it is private, set ${login}`;
  return error('NOT_FOUND', `no ${settings.type} '${repo}' at ${settings.hubUrl} (status ${status}); ${advice}`);
}

/** An answer, with the headers of the Hub's own answers on the way to it. */
export interface HubResponse {
  response: Response;
  /** Of the Hub, newest last; those of the store that it redirects to are left out. */
  headers: Headers[];
}

/**
 * A request to the Hub. The token goes to the Hub's own address alone: redirects are followed here.
 *
 * @param stay stop at a redirect that leads away from the Hub, and give that as the answer
 * @throws {KdError} UNAVAILABLE, ACCESS_DENIED, NOT_FOUND, with what to do about it
 */
export async function hubRequest(
  settings: HubSettings,
  subject: Subject,
  url: string,
  init: { method?: string; headers?: Record<string, string>; signal: AbortSignal; stay?: boolean },
): Promise<HubResponse> {
  const home = new URL(settings.hubUrl).origin;
  const headers: Headers[] = [];
  let place = new URL(url);
  for (let i = 0; i <= MAX_REDIRECTS; i++) {
    const isHub = place.origin === home;
    const authorization = isHub && settings.token ? { Authorization: `Bearer ${settings.token}` } : {};
    const response = await settings
      .fetch(place.href, {
        method: init.method ?? 'GET',
        headers: { 'Accept-Encoding': 'identity', ...init.headers, ...authorization },
        redirect: 'manual',
        signal: init.signal,
      })
      .catch((error: unknown) => {
        settings.signal?.throwIfAborted();
        throw unreachable(settings, place.host, error);
      });
    if (isHub) headers.push(response.headers);
    const location = response.headers.get('Location');
    const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
    if (!isRedirect && !response.ok) {
      await response.body?.cancel();
      throw refusal(settings, subject, response, place);
    }
    const next = isRedirect ? new URL(location, place) : place;
    if (!isRedirect || (init.stay && next.origin !== home)) return { response, headers };
    await response.body?.cancel();
    place = next;
  }
  throw new KdError('UNAVAILABLE', `${settings.caller}: more than ${MAX_REDIRECTS} redirects for '${subject.repo}'`);
}

/** A signal that ends a request when the caller does, or when `touch` has not been called for too long. */
export function idleSignal({ signal, idleTimeout }: HubSettings): {
  signal: AbortSignal;
  touch: () => void;
  done: () => void;
} {
  const controller = new AbortController();
  const onTimeout = (): void => controller.abort(new Error(`nothing came for ${idleTimeout} ms`));
  let timer = setTimeout(onTimeout, idleTimeout);
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    touch: () => {
      clearTimeout(timer);
      timer = setTimeout(onTimeout, idleTimeout);
    },
    done: () => clearTimeout(timer),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { HubSettings } from '../settings.ts';

const ATTEMPTS = 5;
const FIRST_DELAY = 500; // ms; doubles
const LONGEST_DELAY = 60_000;
const SLOWEST = 16_000; // bytes a second; below, a connection counts as dead

function sizeOf(body: unknown): number {
  if (typeof body === 'string') return body.length;
  return body instanceof Blob ? body.size : 0;
}

function delay(response: Response | undefined, attempt: number): number {
  const asked = Number(response?.headers.get('Retry-After') ?? Number.NaN) * 1000;
  return Math.min(Number.isFinite(asked) ? asked : FIRST_DELAY * 2 ** attempt, LONGEST_DELAY);
}

/**
 * `fetch` that tries again when a connection breaks or the server is busy. What an upload sends may all be sent twice:
 * contents are named by their hash, and a commit of what is already there changes nothing.
 *
 * So an upload that is cut goes on with the part of the file that it was at.
 */
export function retryingFetch({ fetch, signal, idleTimeout }: HubSettings): typeof globalThis.fetch {
  return async (input, init = {}) => {
    for (let attempt = 0; ; attempt++) {
      const last = attempt === ATTEMPTS - 1;
      const timeout = AbortSignal.timeout(idleTimeout + Math.ceil((sizeOf(init.body) / SLOWEST) * 1000));
      const signals = [timeout, ...(signal ? [signal] : []), ...(init.signal ? [init.signal] : [])];
      let response: Response | undefined;
      try {
        response = await fetch(input, { ...init, signal: AbortSignal.any(signals) });
        if (last || (response.status < 500 && response.status !== 429)) return response;
        await response.body?.cancel();
      } catch (error) {
        signal?.throwIfAborted();
        if (last || init.signal?.aborted) throw error;
      }
      await sleep(delay(response, attempt), undefined, { signal });
    }
  };
}

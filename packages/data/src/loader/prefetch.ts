/** Runs work given to it, so much at a time, first come first served. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

/** A limiter of `limit` at a time. */
export function createLimiter(limit: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    // Whoever ends hands its place on, so nobody can slip in between.
    if (running === limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

export interface PrefetchOptions<T> {
  /** Number of the first, and of the one after the last. */
  from: number;
  to: number;
  /** How many are begun while one is in the consumer's hands. 0 makes each when it is asked for. */
  ahead: number;
  /** Makes number `i`. Its signal says that nobody waits for it any more. */
  make: (i: number, signal: AbortSignal) => T | Promise<T>;
  /** Waited for before each value is handed over. */
  handover?: (() => Promise<unknown>) | undefined;
  /** Ends it all. */
  signal: AbortSignal | undefined;
}

/**
 * Values in their order, some of them made ahead. An error comes where its value would have been; leaving the loop, or
 * aborting, stops what is under way.
 */
export async function* prefetch<T>({ from, to, ahead, make, handover, signal }: PrefetchOptions<T>): AsyncGenerator<T> {
  const left = new AbortController();
  const stop = (): void => left.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  const begun: Promise<T>[] = [];
  let next = from;
  const begin = (): void => {
    const value = (async () => make(next++, left.signal))();
    value.catch(() => {}); // heard when its turn comes, and not at all if that never does
    begun.push(value);
  };
  try {
    signal?.throwIfAborted();
    while (next < to || begun.length > 0) {
      while (next < to && begun.length <= ahead) begin();
      const value = await orAbort(begun.shift()!, left.signal);
      if (handover) await orAbort(handover(), left.signal);
      yield value;
      signal?.throwIfAborted();
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    left.abort();
  }
}

/** The value, or the signal's reason if that comes first: a read that hangs must not hold up who gives up on it. */
export async function orAbort<T>(value: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return value;
  value.catch(() => {}); // not unheard if the signal comes first
  signal.throwIfAborted();
  let giveUp: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([value, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp!);
  }
}

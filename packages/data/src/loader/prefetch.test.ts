import { describe, expect, it } from 'vitest';
import { createLimiter, prefetch } from './prefetch.ts';

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Numbers that are made when told so. */
function controlled(): {
  make: (i: number, signal: AbortSignal) => Promise<number>;
  begun: number[];
  end: (i: number, error?: Error) => void;
  signals: AbortSignal[];
} {
  const begun: number[] = [];
  const signals: AbortSignal[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  return {
    begun,
    signals,
    make: (i, signal) => {
      begun.push(i);
      signals.push(signal);
      return new Promise((resolve, reject) => {
        ends.set(i, (error) => (error ? reject(error) : resolve(i)));
      });
    },
    end: (i, error) => ends.get(i)!(error),
  };
}

describe('prefetch', () => {
  it('keeps the order, whatever is ready first, and begins no more than it may', async () => {
    const work = controlled();
    const values = prefetch({ from: 2, to: 7, ahead: 2, make: work.make, signal: undefined });
    const first = values.next();
    await settle();
    expect(work.begun).toEqual([2, 3, 4]);
    work.end(4);
    work.end(3);
    await settle();
    expect(work.begun).toEqual([2, 3, 4]);
    work.end(2);
    expect(await first).toEqual({ value: 2, done: false });
    await settle();
    expect(work.begun).toEqual([2, 3, 4]); // nothing more until it is asked for
    expect((await values.next()).value).toBe(3);
    expect(work.begun).toEqual([2, 3, 4, 5]);
    expect((await values.next()).value).toBe(4);
    work.end(5);
    expect((await values.next()).value).toBe(5);
    work.end(6);
    expect((await values.next()).value).toBe(6);
    expect((await values.next()).done).toBe(true);
    expect(work.begun).toEqual([2, 3, 4, 5, 6]);
  });

  it('gives an error at its place, after all that comes before it', async () => {
    const work = controlled();
    const values = prefetch({ from: 0, to: 9, ahead: 3, make: work.make, signal: undefined });
    const first = values.next();
    await settle();
    work.end(1, new Error('disk'));
    await settle();
    work.end(0);
    expect((await first).value).toBe(0);
    await expect(values.next()).rejects.toThrow('disk');
    expect((await values.next()).done).toBe(true);
    expect(work.signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it('tells what is under way when the loop is left', async () => {
    const work = controlled();
    const values = prefetch({ from: 0, to: 9, ahead: 3, make: work.make, signal: undefined });
    const first = values.next();
    await settle();
    work.end(0);
    await first;
    expect(work.signals[1]!.aborted).toBe(false);
    await values.return(undefined);
    expect(work.signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it('ends with the signal at once, even if what it waits for never comes', async () => {
    const work = controlled();
    const abort = new AbortController();
    const values = prefetch({ from: 0, to: 9, ahead: 1, make: work.make, signal: abort.signal });
    const first = values.next();
    await settle();
    abort.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    expect(work.signals.every(({ aborted }) => aborted)).toBe(true);
    await expect(prefetch({ from: 0, to: 9, ahead: 1, make: work.make, signal: abort.signal }).next()).rejects.toThrow(
      'enough',
    );
    expect(work.begun).toEqual([0, 1]);
  });

  it('waits before each handover, unless it is told to stop', async () => {
    const abort = new AbortController();
    const [done, never] = [Promise.resolve(), new Promise<void>(() => {})];
    let handovers = 0;
    const handover = (): Promise<void> => (handovers++ < 2 ? done : never);
    const values = prefetch({ from: 0, to: 9, ahead: 1, make: (i) => i, handover, signal: abort.signal });
    expect([(await values.next()).value, (await values.next()).value, handovers]).toEqual([0, 1, 2]);
    setTimeout(() => abort.abort(new Error('enough')), 5);
    await expect(values.next()).rejects.toThrow('enough');
  });

  it('makes each when asked for, with nothing ahead', async () => {
    const begun: number[] = [];
    const make = (i: number): number => {
      begun.push(i);
      return i;
    };
    const values = prefetch({ from: 0, to: 3, ahead: 0, make, signal: undefined });
    expect((await values.next()).value).toBe(0);
    expect(begun).toEqual([0]);
  });
});

describe('createLimiter', () => {
  it('runs all, so many at a time, in their order, errors or not', async () => {
    const limit = createLimiter(3);
    const begun: number[] = [];
    let [running, most] = [0, 0];
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        limit(async () => {
          begun.push(i);
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, (i * 7) % 5));
          running -= 1;
          if (i % 4 === 1) throw new Error(`${i}`);
          return i;
        }),
      ),
    );
    expect(most).toBe(3);
    expect(begun).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(begun.map((i) => i % 4 !== 1));
  });
});

import { expect, it } from 'vitest';
import { recentValues } from './recent-values.ts';

/** What is asked for in turn, each of 10 bytes, and which of it had to be made. */
async function made(maxBytes: number, keys: string): Promise<string> {
  const values = recentValues<string>(maxBytes);
  let log = '';
  for (const key of keys) {
    const value = await values(key, async () => {
      log += key;
      return { value: key.toUpperCase(), bytes: 10 };
    });
    expect(value).toBe(key.toUpperCase());
  }
  return log;
}

it('keeps what was used last', async () => {
  expect(await made(30, 'abcabcdabc')).toBe('abcdabc'); // d drops a, which drops b, …
  expect(await made(30, 'abcadacb')).toBe('abcdb'); // a is used again before d comes
  expect(await made(5, 'aabba')).toBe('aba'); // one too large for it stays until the next comes
});

it('makes once what is asked for twice at a time, and again what failed', async () => {
  const values = recentValues<number>(100);
  let calls = 0;
  const make = async (): Promise<{ value: number; bytes: number }> => {
    calls += 1;
    await new Promise((done) => setTimeout(done, 5));
    if (calls === 1) throw new Error('broken');
    return { value: calls, bytes: 1 };
  };
  const outcomes = await Promise.allSettled([values('a', make), values('a', make)]);
  expect([calls, outcomes.map(({ status }) => status)]).toEqual([1, ['rejected', 'rejected']]);
  expect(await Promise.all([values('a', make), values('a', make)])).toEqual([2, 2]);
});

it('does not forget what is being made, and still counts right after it', async () => {
  const values = recentValues<string>(100);
  const log: string[] = [];
  const ask = (key: string, wait = 0): Promise<string> =>
    values(key, async () => {
      log.push(key);
      await new Promise((done) => setTimeout(done, wait));
      return { value: key, bytes: 40 };
    });
  for (let round = 0; round < 3; round++) {
    const slow = ask(`slow ${round}`, 20);
    for (const name of ['a', 'b', 'c']) await ask(`${name} ${round}`);
    expect(await ask(`slow ${round}`)).toBe(await slow);
  }
  expect(log).toHaveLength(12);
  await ask('c 2');
  await ask('slow 2');
  expect(log).toHaveLength(12); // the last two of 40 are still within 100
});

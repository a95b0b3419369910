import { expect, it } from 'vitest';
import { KdError } from '../../errors.ts';
import { withAdvice } from './with-advice.ts';

it('says what else one can do where something is not to be had, and leaves other errors alone', async () => {
  const missing = new KdError('UNAVAILABLE', "openRepo: 'a/b' cannot be reached", { id: 'a/b' });
  const advised = withAdvice(Promise.reject(missing), 'or pass a folder');
  await expect(advised).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: "openRepo: 'a/b' cannot be reached; or pass a folder",
    details: { id: 'a/b' },
    cause: missing,
  });
  const damaged = new KdError('INVALID_DATA', 'openRepo: the file is cut');
  await expect(withAdvice(Promise.reject(damaged), 'or pass a folder')).rejects.toBe(damaged);
  expect(await withAdvice(Promise.resolve(7), 'or pass a folder')).toBe(7);
});

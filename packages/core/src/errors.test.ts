import { describe, expect, it } from 'vitest';
import { KdError } from './errors.ts';

describe('KdError', () => {
  it('is recognised across copies of the package', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('kd.error')]: true });
    expect(KdError.isInstance(foreign)).toBe(true);
    expect(KdError.isInstance(new KdError('NOT_FOUND', 'x'))).toBe(true);
  });

  it.each([new Error('x'), null, undefined, 'x', {}])('does not take %s for one', (value) => {
    expect(KdError.isInstance(value)).toBe(false);
  });

  it('carries code, values and cause', () => {
    const cause = new Error('inner');
    const error = new KdError('NOT_FINITE', 'train: loss is NaN', { step: 3 }, { cause });
    expect(error).toMatchObject({ name: 'KdError', code: 'NOT_FINITE', details: { step: 3 }, cause });
  });
});

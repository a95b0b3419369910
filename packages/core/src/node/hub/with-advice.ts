import { KdError } from '../../errors.ts';

/** Adds to an error of the Hub what else one can do: it knows neither what its files are for nor where else they may lie. */
export async function withAdvice<T>(work: Promise<T>, advice: string): Promise<T> {
  return work.catch((error: unknown) => {
    const isMissing = KdError.isInstance(error) && ['UNAVAILABLE', 'NOT_FOUND', 'ACCESS_DENIED'].includes(error.code);
    if (!isMissing) throw error;
    throw new KdError(error.code, `${error.message}; ${advice}`, { ...error.details }, { cause: error });
  });
}

import { KdError } from '@kd/core';

export function checkSeeds(caller: string, seeds: readonly number[]): void {
  const wrong = seeds.find((seed) => !Number.isSafeInteger(seed) || seed < 0);
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (seeds.length > 0 && wrong === undefined && twice === undefined) return;
  throw new KdError(
    'INVALID_ARGUMENT',
    `${caller}: seeds must be one or more different integers in [0, 2^53), got [${seeds.join(', ')}]`,
    { seeds },
  );
}

export function checkProcesses(caller: string, processes: number | 'auto', ownProcesses: boolean): void {
  if (typeof processes === 'number' && processes > 1 && !ownProcesses) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `${caller}: ${processes} processes cannot run functions of this one; put them into a module and pass its URL`,
      { processes },
    );
  }
  if (processes === 'auto' || (Number.isInteger(processes) && processes >= 1)) return;
  throw new KdError('INVALID_ARGUMENT', `${caller}: processes must be 'auto' or an integer >= 1, got ${processes}`, {
    processes,
  });
}

export function checkAnyDone(
  caller: string,
  done: number,
  failures: readonly { arm: string; seed: number; reason: string }[],
): void {
  const [first] = failures;
  if (done > 0 || !first) return;
  throw new KdError(
    'UNAVAILABLE',
    `${caller}: all ${failures.length} runs failed; the first, '${first.arm}' with seed ${first.seed}: ${first.reason}`,
    { failures },
  );
}

/** @returns the arm that the others are tested against: the first, unless one is named */
export function checkArms(caller: string, names: readonly string[], given: string | undefined): string {
  const baseline = given ?? names[0];
  if (names.length >= 2 && baseline !== undefined && names.includes(baseline)) return baseline;
  throw new KdError(
    'INVALID_ARGUMENT',
    `${caller}: needs two or more arms and one of them as baseline, got ${names.join(', ') || 'none'} and ` +
      `baseline ${given ?? 'not given'}`,
    { names, baseline },
  );
}

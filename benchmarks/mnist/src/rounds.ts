import type { Case, Lap } from './case.ts';

/** Laps of a case, those of each round together. */
export interface Measurement {
  name: string;
  images?: number;
  rounds: Lap[][];
}

export interface RoundsOptions {
  rounds: number;
  stepsPerRound: number;
  onRound?: (done: number) => void;
}

/**
 * Times the cases in turns, ABCABC…: whatever else the machine does falls on all of them. A first round, which compiles
 * and fills caches, is thrown away.
 */
export async function runRounds(
  cases: readonly Case[],
  { rounds, stepsPerRound, onRound }: RoundsOptions,
): Promise<Measurement[]> {
  const measured = cases.map(({ name, images }) => ({ name, ...(images ? { images } : {}), rounds: [] as Lap[][] }));
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { run }] of cases.entries()) {
      const laps = await run(stepsPerRound);
      if (round > 0) measured[i]!.rounds.push(laps);
    }
    onRound?.(round);
  }
  return measured;
}

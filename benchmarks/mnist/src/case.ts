import type { Parts } from './stopwatch.ts';

/** Milliseconds of one step. */
export interface Lap {
  total: number;
  parts?: Parts;
}

/** Something to be timed. */
export interface Case {
  name: string;
  /** In one step; absent where a step does not see images. */
  images?: number;
  /** Does some steps, after one that does not count because it starts the run. */
  run(steps: number): Promise<Lap[]>;
}

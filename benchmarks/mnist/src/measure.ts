import { type CasesOptions, createCases } from './cases.ts';
import { type RoundsOptions, runRounds } from './rounds.ts';
import { type CaseSummary, type RatioSummary, summarizeCase, summarizeRatios } from './summary.ts';

/** Everything about one batch size. */
export interface Result {
  batchSize: number;
  cases: CaseSummary[];
  ratios: RatioSummary[];
}

export async function measure(options: CasesOptions & RoundsOptions): Promise<Result> {
  const measurements = await runRounds(createCases(options), options);
  return {
    batchSize: options.batchSize,
    cases: measurements.map(summarizeCase),
    ratios: summarizeRatios(measurements),
  };
}

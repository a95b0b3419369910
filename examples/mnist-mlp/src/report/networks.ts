import type { NetworkStyle } from '@kd/train/report';
import type { NetworkKey, NetworkResult, RunResults } from '../results.ts';

export const NETWORK_STYLES: Readonly<Record<NetworkKey, NetworkStyle>> = {
  teacher: { name: 'Teacher', color: 'var(--teacher)', shape: 'circle' },
  scratch: { name: 'From labels alone', color: 'var(--baseline)', shape: 'square' },
  student: { name: 'Distilled student', color: 'var(--student)', shape: 'triangle' },
};

/** One network over all seeds of a run. */
export interface NetworkRuns {
  key: NetworkKey;
  /** One for each seed that has it. */
  runs: NetworkResult[];
}

/** The networks of all seeds, in the order of training. */
export function networkRuns({ seeds }: RunResults): NetworkRuns[] {
  const keys = new Set(seeds.flatMap(({ networks }) => networks.map(({ key }) => key)));
  return [...keys].map((key) => ({
    key,
    runs: seeds.flatMap(({ networks }) => networks.filter((network) => network.key === key)),
  }));
}

/** 'teacher' is '1200-1200'. */
export function sizesOf({ hiddenSizes }: NetworkResult): string {
  return hiddenSizes.length > 0 ? hiddenSizes.join('-') : 'linear';
}

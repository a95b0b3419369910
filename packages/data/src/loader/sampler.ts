import { KdError, permutation } from '@kd/core';

/**
 * In which order an epoch goes through the samples:
 * - `sequential`: as they lie in the dataset
 * - `random`: each once, in an order of the epoch's own
 * - `class-balanced`: as many of each class, give or take one, in random order. Samples of small classes come several
 *   times; those of large ones, over the epochs, all take their turn
 */
export type Sampler = 'sequential' | 'random' | 'class-balanced';

export const SAMPLERS: readonly string[] = ['sequential', 'random', 'class-balanced'] satisfies Sampler[];

export interface SamplerOptions {
  samples: number;
  seed: number;
  /** Class of a sample. */
  label: (index: number) => number | undefined;
}

/** The function that gives the order of an epoch: indices of samples. */
export function epochOrder(sampler: Sampler, { samples, seed, label }: SamplerOptions): (epoch: number) => Uint32Array {
  if (sampler === 'sequential') return () => Uint32Array.from({ length: samples }, (_, i) => i);
  if (sampler === 'random') return (epoch) => permutation(samples, { seed, stream: 'shuffle', epoch });
  const classes = samplesByClass(samples, label);
  return (epoch) => {
    const chosen = Uint32Array.from({ length: samples });
    // Which classes have one more than the others changes from epoch to epoch.
    const turns = permutation(classes.length, { seed, stream: 'class-balanced turns', epoch });
    for (let turn = 0; turn < classes.length; turn++) {
      const which = turns[turn]!;
      const share = Math.ceil((samples - turn) / classes.length);
      const draws = consecutive(classes[which]!, seed, which, epoch * Math.ceil(samples / classes.length), share);
      draws.forEach((sample, n) => {
        chosen[turn + n * classes.length] = sample;
      });
    }
    return permutation(samples, { seed, stream: 'shuffle', epoch }).map((place) => chosen[place]!);
  };
}

/** `count` samples of a class from number `start` of an endless row of shuffled decks: none twice before all were there. */
function consecutive(members: Uint32Array, seed: number, which: number, start: number, count: number): Uint32Array {
  let deck = -1;
  let order = members;
  return Uint32Array.from({ length: count }, (_, n) => {
    const number = start + n;
    const wanted = Math.floor(number / members.length);
    if (wanted !== deck) {
      deck = wanted;
      order = permutation(members.length, { seed, stream: `class-balanced ${which}`, id: deck >>> 0 });
    }
    return members[order[number % members.length]!]!;
  });
}

function samplesByClass(samples: number, label: SamplerOptions['label']): Uint32Array[] {
  const byClass = new Map<number, number[]>();
  for (let index = 0; index < samples; index++) {
    const found = label(index);
    if (found === undefined) {
      throw new KdError(
        'INVALID_ARGUMENT',
        `dataLoader: sampler 'class-balanced' needs a label for every sample, sample ${index} has none; use 'random'`,
        { index },
      );
    }
    const members = byClass.get(found);
    if (members) members.push(index);
    else byClass.set(found, [index]);
  }
  return [...byClass.entries()].sort(([a], [b]) => a - b).map(([, members]) => Uint32Array.from(members));
}

import { crossedTTest, detectableDifference, mcnemar, pairedTTest } from '@kd/metrics';

/** One run's figure, and which samples it got right. */
export interface ScoredRun {
  seed: number;
  value: number;
  hits?: Uint8Array;
}

/** What may be said about two arms that were run with the same seeds. */
export interface PairTest {
  /**
   * `seeds and images`: Clark's min F', for other seeds and other images. `seeds`: paired t-test, for other seeds and the
   * same images. `images`: McNemar's exact test of one run each, for other images and the same weights. `none`: neither
   * seeds nor predictions to compare.
   */
  over: 'seeds and images' | 'seeds' | 'images' | 'none';
  /** Those that both arms have. */
  seeds: number[];
  images?: number;
  /** Mean of A minus mean of B over those seeds. NaN without any. */
  difference: number;
  /** 95 % interval of the difference; NaN where there is none. */
  low: number;
  high: number;
  /** NaN where there is no test. */
  pValue: number;
  /** The true difference that four of five such experiments would find. NaN where there is no test. */
  detectable: number;
}

/**
 * Compares two arms by the strongest test that their runs allow.
 *
 * @param perImage whether the figure is the mean of the hits, so that images can be tested
 */
export function testPair(a: readonly ScoredRun[], b: readonly ScoredRun[], perImage: boolean): PairTest {
  const pairs = a.flatMap((run) => {
    const other = b.find(({ seed }) => seed === run.seed);
    return other ? [[run, other] as const] : [];
  });
  const seeds = pairs.map(([{ seed }]) => seed);
  const [valuesA, valuesB] = [pairs.map(([{ value }]) => value), pairs.map(([, { value }]) => value)];
  const hits = pairs.flatMap(([{ hits: ofA }, { hits: ofB }]) => (perImage && ofA && ofB ? [[ofA, ofB] as const] : []));
  const images = hits[0]?.[0].length ?? 0;
  const withImages = images >= 2 && hits.length === pairs.length;
  const pick = ({ difference, low, high, pValue, detectable }: Omit<PairTest, 'over' | 'seeds'>) => ({
    seeds,
    difference,
    low,
    high,
    pValue,
    detectable,
  });
  if (withImages && pairs.length >= 2) {
    const test = crossedTTest(
      hits.map(([ofA]) => ofA),
      hits.map(([, ofB]) => ofB),
    );
    return { ...pick(test), over: 'seeds and images', images };
  }
  if (pairs.length >= 2) return { ...pick(pairedTTest(valuesA, valuesB)), over: 'seeds' };
  const [one] = hits;
  if (withImages && one) {
    const { onlyA, onlyB, pValue } = mcnemar(...one);
    const detectable = detectableDifference({ samples: images, disagreement: (onlyA + onlyB) / images });
    return { ...pick({ ...pairedTTest(...one), pValue, detectable }), over: 'images', images };
  }
  const [none, difference] = [Number.NaN, pairs.length === 1 ? valuesA[0]! - valuesB[0]! : Number.NaN];
  return { ...pick({ difference, low: none, high: none, pValue: none, detectable: none }), over: 'none' };
}

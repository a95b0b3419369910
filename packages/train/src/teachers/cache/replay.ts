import { KdError, randomSource } from '@kd/core';

export interface ReplayOptions {
  /** In [0, 1]. */
  share: number;
  /** Relative to the row's largest logit. */
  tolerance: number;
  /** For the message. */
  source: string;
}

/** Picks a few remembered answers and compares each of them once with what the teacher says now. */
export function replayer({ share, tolerance, source }: ReplayOptions): {
  /** Whether this answer is one of those to compare; the first one always is. */
  wants: (key: number | string) => boolean;
  compare: (key: number | string, remembered: Float32Array, now: Float32Array, what?: string) => void;
} {
  const seen = new Set<number | string>();
  let drawn = 0;
  // Which ones it is should differ from run to run: over many runs all of them are looked at.
  const { uniform } = randomSource({ seed: Date.now(), stream: 'replay' });
  return {
    wants(key) {
      if (share === 0 || seen.has(key)) return false;
      seen.add(key);
      drawn += 1;
      return drawn === 1 || uniform() < share;
    },
    compare(key, remembered, now, what = 'logits') {
      const largest = now.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const off = now.reduce((max, value, i) => Math.max(max, Math.abs(value - remembered[i]!)), 0);
      if (remembered.length === now.length && off <= tolerance * largest) return;
      throw new KdError(
        'MISMATCH',
        `cachedTeacher: the teacher answers [${Array.from(now.subarray(0, 4), (x) => x.toFixed(3)).join(', ')}${now.length > 4 ? ', …' : ''}] ` +
          `(${what}) about sample ${key}, the cache has [${Array.from(remembered.subarray(0, 4), (x) => x.toFixed(3)).join(', ')}${now.length > 4 ? ', …' : ''}]: ` +
          'the images are prepared differently, or the files are not what they were; delete the cache folder',
        { key, off, source },
      );
    },
  };
}

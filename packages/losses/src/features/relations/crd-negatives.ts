import * as tf from '@tensorflow/tfjs-core';
import { fail } from '../../internal/errors.ts';
import { count } from '../../internal/layers.ts';
import { any, checkOptions } from '../../internal/options.ts';

export interface CrdNegativesOptions {
  /**
   * The class of each sample of the training set; where there is none, its own number makes each a class of its own.
   */
  labels: ArrayLike<number>;
  /** How many for each sample of a batch: the paper's K. @default 16384 */
  negatives?: number;
}

/**
 * Draws the indices of a step.
 *
 * @param samples the batch, by place in the training set
 * @param below draws a whole number in [0, bound)
 * @returns int32 [batch, 1 + negatives]: the samples, behind each its negatives
 */
export type CrdNegatives = (samples: ArrayLike<number>, below: (bound: number) => number) => tf.Tensor2D;

/**
 * Negatives for `crdLoss`: samples of other classes, each as likely as the others, none twice unless there are fewer of
 * them than are asked for.
 *
 * It has no random numbers of its own, so that a step draws the same whenever it is repeated: with `@kd/core`, pass
 * `randomSource({ seed, stream: 'crd', epoch, id: step }).below`. A million draws (64 samples, 16 384 negatives each)
 * take about 0.1 s.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is out of range, or all samples are of one class
 *
 * Reference: RepDistiller's sampling in its mode "exact".
 *
 * @example
 * import { crdNegatives } from '@kd/losses';
 * import '@tensorflow/tfjs-core';
 * const draw = crdNegatives({ labels: [0, 0, 1, 1, 2], negatives: 3 });
 * console.log(Array.from(draw([1, 4], () => 0).dataSync()).join()); // 1,2,3,4,4,0,2,3
 */
export function crdNegatives(options: CrdNegativesOptions): CrdNegatives {
  const caller = 'crdNegatives';
  const { labels, negatives = 16384 } = options;
  checkOptions(caller, options, { labels: any, negatives: count });
  // By class, so that the others of a class are all places but one run.
  const order = Int32Array.from(labels, (_, i) => i).sort((a, b) => labels[a]! - labels[b]! || a - b);
  const runs = new Map<number, [start: number, size: number]>();
  order.forEach((sample, place) => {
    const run = runs.get(labels[sample]!);
    if (run) run[1]++;
    else runs.set(labels[sample]!, [place, 1]);
  });
  if (runs.size < 2)
    fail('INVALID_ARGUMENT', caller, 'all samples are of one class: there are no negatives', { labels });

  return (samples, below) => {
    const drawn = new Int32Array(samples.length * (1 + negatives));
    const taken = new Int32Array(order.length); // by which row last
    let at = 0;
    for (let row = 1; row <= samples.length; row++) {
      const sample = samples[row - 1]!;
      const run = runs.get(labels[sample]!);
      if (!run) fail('INVALID_ARGUMENT', caller, `sample ${sample} is not in [0, ${order.length})`, { sample });
      const [start, size] = run;
      const others = order.length - size;
      drawn[at++] = sample;
      for (let left = negatives - 1; left >= 0; left--) {
        let place: number;
        if (negatives > others) {
          place = below(others);
        } else {
          // Floyd's way to draw without repetition: the last place stands in for one that is taken.
          const last = others - 1 - left;
          place = below(last + 1);
          if (taken[place] === row) place = last;
          taken[place] = row;
        }
        const other = order[place < start ? place : place + size];
        if (other === undefined) {
          fail('INVALID_ARGUMENT', caller, `below must draw a whole number below its bound, got ${place}`, { place });
        }
        drawn[at++] = other;
      }
    }
    return tf.tensor2d(drawn, [samples.length, 1 + negatives]);
  };
}

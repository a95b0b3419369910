import * as tf from '@tensorflow/tfjs-core';
import { fail } from '../internal/errors.ts';
import { checkFeatures } from '../internal/features.ts';
import {
  batchNorm,
  checkCounts,
  connector,
  count,
  type Draft,
  dense,
  draft,
  neighbourhoods,
} from '../internal/layers.ts';
import type { Rule } from '../internal/options.ts';
import { nearest, type Size } from '../internal/resample.ts';
import type { Connector, ConnectorOptions } from './connector.ts';

/** A stage of the student and the stage of the teacher that it is compared with. */
export interface ReviewLevel {
  /** The student's. */
  inputChannels: number;
  /** The teacher's. */
  outputChannels: number;
  /** The teacher's height and width. @default the student's */
  outputSize?: readonly [height: number, width: number];
}

export interface ReviewConnectorOptions extends ConnectorOptions {
  /** From the first stage to the last. */
  levels: readonly ReviewLevel[];
  /** Channels of what is passed from a later level to an earlier one. @default those of the last level's input, at most 512 */
  middleChannels?: number;
}

/** The output is compared with the teacher; the residual goes on to the level before. */
type Fusion = (features: tf.Tensor4D, later?: tf.Tensor4D) => { output: tf.Tensor4D; residual: tf.Tensor4D };

/** Attention-based fusion of a level's features with what later levels made of theirs. */
function fusion(
  parts: Draft,
  prefix: string,
  { inputChannels, outputChannels, outputSize }: ReviewLevel,
  middle: number,
  isLast: boolean,
): Fusion {
  const unbiased = { bias: false, slope: 1 };
  const project = dense(parts, `${prefix}in/`, [inputChannels, middle], unbiased);
  const normaliseIn = batchNorm(parts, `${prefix}in/`, middle);
  const attend = isLast ? undefined : dense(parts, `${prefix}attention/`, [2 * middle, 2]);
  const convolve = dense(parts, `${prefix}out/`, [9 * middle, outputChannels], unbiased);
  const normaliseOut = batchNorm(parts, `${prefix}out/`, outputChannels);
  return (features, later) => {
    checkFeatures(parts.caller, 'features', features, ['batch', 'height', 'width', inputChannels]);
    const size: Size = [features.shape[1], features.shape[2]];
    let x = normaliseIn(project(features));
    if (attend && later) {
      const y = nearest(later, size);
      const [ofX, ofY] = tf.split(tf.sigmoid(attend(tf.concat([x, y], 3))), 2, 3) as [tf.Tensor4D, tf.Tensor4D];
      x = tf.add(tf.mul(x, ofX), tf.mul(y, ofY));
    }
    const residual = nearest(x, outputSize ?? size);
    return { output: normaliseOut(convolve(neighbourhoods(residual))), residual };
  };
}

const someLevels: Rule = (levels: unknown) => (Array.isArray(levels) && levels.length > 0) || 'a list of one or more';
const sizes: Rule = (size: Size) =>
  (size.length === 2 && size.every((side) => count(side as never) === true)) || '[height, width]';

/**
 * Knowledge review: maps of the student, each fused with what came of the later ones, for `hclLoss` with the teacher's.
 *
 * From the last level up: `x = batchNorm(features . in)`; but for the last level `x = a * x + b * later`, with
 * `[a, b] = sigmoid([x, later] . attention)` at each position and `later`, what the level after passed on, at this level's
 * size; `x`, at `outputSize`, is passed on; `output = batchNorm(conv(x))` with a 3 x 3 convolution
 *
 * Sizes change by nearest neighbour. The reference takes the pooled features in front of the classifier as the last
 * level, of size 1 x 1. Batch norm always uses the statistics of the batch, as in `convConnector`.
 *
 * Variables: of level i, counted from 0, `<name>/<i>/in/kernel`, `…/in/gamma`, `…/in/beta`, the same of `out`, and but for
 * the last `…/attention/kernel` and `…/attention/bias`. Kernels start uniform in ±sqrt(3 / inputs of the layer), those of
 * attention in ±1 / sqrt(inputs).
 *
 * @returns `apply(features)` of a list of float32 [batch, height, width, inputChannels], one for each level, gives a list
 * of as many [batch, ...outputSize, outputChannels]
 * @throws {KdError} INVALID_ARGUMENT if an option is missing or out of range or there are more or fewer maps than levels;
 * `apply` SHAPE_MISMATCH for other features
 *
 * Reference: Chen et al. 2021, "Distilling Knowledge via Knowledge Review", on ABF; layers and start as mdistiller's
 * ReviewKD.
 *
 * @example
 * import { hclLoss, reviewConnector } from '@kd/losses';
 * import * as tf from '@tensorflow/tfjs-core';
 * const levels = [{ inputChannels: 2, outputChannels: 4 }, { inputChannels: 3, outputChannels: 6 }];
 * const review = reviewConnector({ name: 'review', levels });
 * const maps = (shape: [number, number, number, number]) => tf.randomUniform<tf.Rank.R4>(shape, -1, 1, 'float32', 7);
 * const outputs = review.apply([maps([2, 4, 4, 2]), maps([2, 2, 2, 3])]);
 * console.log(hclLoss(outputs, [maps([2, 4, 4, 4]), maps([2, 2, 2, 6])]).dataSync()[0].toFixed(4)); // 2.0716
 */
export function reviewConnector(
  options: ReviewConnectorOptions,
): Connector<[features: readonly tf.Tensor4D[]], tf.Tensor4D[]> {
  const caller = 'reviewConnector';
  const { levels = [] } = options;
  const parts = draft(caller, { ...options, levels }, [], { levels: someLevels, middleChannels: count });
  for (const level of levels) checkCounts(caller, level, ['inputChannels', 'outputChannels'], { outputSize: sizes });
  const middle = options.middleChannels ?? Math.min(512, levels.at(-1)!.inputChannels);
  const fusions = levels.map((level, i) => fusion(parts, `${i}/`, level, middle, i === levels.length - 1));
  return connector(parts, (features: readonly tf.Tensor4D[]) => {
    if (features.length !== levels.length) {
      const problem = `there are ${levels.length} levels but ${features.length} maps`;
      fail('INVALID_ARGUMENT', parts.caller, problem, { levels: levels.length, maps: features.length });
    }
    const outputs: tf.Tensor4D[] = [];
    let later: tf.Tensor4D | undefined;
    for (let i = levels.length - 1; i >= 0; i--) {
      const { output, residual } = fusions[i]!(features[i]!, later);
      outputs.unshift(output);
      later = residual;
    }
    return outputs;
  });
}

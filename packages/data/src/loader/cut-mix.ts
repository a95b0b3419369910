import { type ImageArray, randomSource } from '@kd/core';
import { checkPositive } from '../augment/steps/step-kind.ts';
import { type BatchTransform, betaShare, mixedBatch } from './mixing.ts';

export interface CutMixOptions {
  /** Of the Beta distribution of shares, > 0: the paper's alpha. @default 1 */
  concentration?: number;
}

/**
 * Pastes a box of the image before it into each image of a batch, the same box for all, and mixes their labels by area.
 *
 * The box has `sqrt(1 - share)` of height and width, `share ~ Beta(concentration, concentration)`, around a place that is
 * anywhere in the image; it is cut off at the edges, and what is left of it counts. `targets` [batch, classes] stand in
 * place of `labels`; teacher and student see the same images.
 *
 * @throws {KdError} INVALID_ARGUMENT for a concentration that is not above 0
 *
 * Reference: Yun et al. 2019, "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features"; the
 * arithmetic of torchvision 0.26's `CutMix`.
 *
 * @example
 * import { arrayDataset, cutMix, dataLoader } from '@kd/data';
 * const images = { data: new Uint8Array(2 * 64), shape: [2, 8, 8] };
 * const dataset = arrayDataset({ images, labels: [0, 1] });
 * const loader = dataLoader(dataset, { batchSize: 2, seed: 42, batchTransform: cutMix() });
 * for await (const { labels, targets } of loader) console.log(labels, targets?.length); // undefined 4
 */
export function cutMix({ concentration = 1 }: CutMixOptions = {}): BatchTransform {
  checkPositive('cutMix', 'concentration', concentration);
  return {
    config: { type: 'cutMix', concentration },
    apply(batch, { seed, epoch, batch: id, classes }) {
      const random = randomSource({ seed, stream: 'cutMix', epoch, id });
      const [, height, width] = batch.images.shape as [number, number, number, number];
      const drawn = betaShare(random, concentration);
      const half = 0.5 * Math.sqrt(1 - drawn);
      const [left, right] = span(random.below(width), Math.trunc(half * width), width);
      const [top, bottom] = span(random.below(height), Math.trunc(half * height), height);
      const share = 1 - ((right - left) * (bottom - top)) / (width * height);
      // The teacher's images have other sizes: the same part of them.
      const box = { left: left / width, right: right / width, top: top / height, bottom: bottom / height };
      return mixedBatch(batch, (images) => pasted(images, box), share, classes);
    },
  };
}

/** Pastes a box of each image's predecessor into it; edges as parts of the image's sides. */
function pasted({ data, shape }: ImageArray, box: Record<'left' | 'right' | 'top' | 'bottom', number>): ImageArray {
  const [count, height, width, channels] = shape as [number, number, number, number];
  const [left, right] = [Math.round(box.left * width), Math.round(box.right * width)];
  const [top, bottom] = [Math.round(box.top * height), Math.round(box.bottom * height)];
  const mixed = data.slice();
  const size = height * width * channels;
  for (let row = 0; row < count; row++) {
    const partner = (row + count - 1) % count;
    for (let y = top; y < bottom; y++) {
      const [from, to] = [(y * width + left) * channels, (y * width + right) * channels];
      mixed.set(data.subarray(partner * size + from, partner * size + to), row * size + from);
    }
  }
  return { data: mixed, shape };
}

/** From a middle to both sides, within [0, length). */
function span(middle: number, half: number, length: number): [number, number] {
  return [Math.max(0, middle - half), Math.min(length, middle + half)];
}

import { type ImageArray, randomSource } from '@kd/core';
import { checkPositive } from '../augment/steps/step-kind.ts';
import { type BatchTransform, betaShare, mixedBatch, mixRows } from './mixing.ts';

export interface MixupOptions {
  /** Of the Beta distribution of shares, > 0: the paper's alpha. @default 0.2 */
  concentration?: number;
}

/**
 * Mixes each image of a batch with the one before it, pixel by pixel, and their labels likewise:
 * `image = share * image + (1 - share) * partner`, one `share ~ Beta(concentration, concentration)` for a batch.
 *
 * The batch has `targets` [batch, classes] in place of `labels` (neither, if it was unlabelled); teacher and student see
 * the same mixed images. uint8 pixels are rounded.
 *
 * @throws {KdError} INVALID_ARGUMENT for a concentration that is not above 0
 *
 * Reference: Zhang et al. 2017, "mixup: Beyond Empirical Risk Minimization"; the arithmetic of torchvision 0.26's `MixUp`.
 *
 * @example
 * import { arrayDataset, dataLoader, mixup } from '@kd/data';
 * const images = { data: Uint8Array.of(0, 200), shape: [2, 1, 1] };
 * const dataset = arrayDataset({ images, labels: [0, 1] });
 * const loader = dataLoader(dataset, { batchSize: 2, seed: 42, batchTransform: mixup({ concentration: 1 }) });
 * for await (const { targets } of loader) console.log(targets?.length, (targets![0]! + targets![1]!).toFixed(3)); // 4 1.000
 */
export function mixup({ concentration = 0.2 }: MixupOptions = {}): BatchTransform {
  checkPositive('mixup', 'concentration', concentration);
  return {
    config: { type: 'mixup', concentration },
    apply(batch, { seed, epoch, batch: id, classes }) {
      const share = betaShare(randomSource({ seed, stream: 'mixup', epoch, id }), concentration);
      const mix = ({ data, shape }: ImageArray): ImageArray => {
        const size = data.length / shape[0]!;
        return { data: data instanceof Uint8Array ? mixPixels(data, size, share) : mixRows(data, size, share), shape };
      };
      return mixedBatch(batch, mix, share, classes);
    },
  };
}

function mixPixels(rows: Uint8Array, size: number, share: number): Uint8Array {
  const mixed = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const partner = i < size ? rows.length - size + i : i - size;
    mixed[i] = Math.round(share * rows[i]! + (1 - share) * rows[partner]!);
  }
  return mixed;
}

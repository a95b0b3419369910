import type { PixelNormalization } from '@kd/core';

/** How pixels become numbers around 0: `(pixel / 255 - mean) / std`, the same for all channels. */
export interface Normalization {
  /** Of pixels in [0, 1]. */
  mean: number;
  /** > 0. */
  std: number;
}

/**
 * Mean and standard deviation of the pixels of MNIST's 60,000 training images, to the four digits of PyTorch's example.
 *
 * @example
 * import { MNIST_NORMALIZATION } from '@kd/data';
 * console.log(MNIST_NORMALIZATION); // { mean: 0.1307, std: 0.3081 }
 */
export const MNIST_NORMALIZATION: Readonly<Normalization> = { mean: 0.1307, std: 0.3081 };

/** The same for every channel, where a single mean and std are given; nothing at all where none are. */
export function perChannel(
  normalize: Normalization | PixelNormalization | undefined,
  channels: number,
): PixelNormalization {
  const { mean, std } = normalize ?? { mean: 0, std: 1 };
  const each = (value: number | readonly number[]): readonly number[] =>
    typeof value === 'number' ? new Array<number>(channels).fill(value) : [...value];
  return { mean: each(mean), std: each(std) };
}

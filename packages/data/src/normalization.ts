import { KdError } from '@kd/core';

/** How pixels become numbers around 0: `(pixel / 255 - mean) / std`. */
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

/** Writes `count` pixels as numbers. */
export type NormalizePixels = (
  source: Float32Array | Uint8Array,
  from: number,
  target: Float32Array,
  to: number,
  count: number,
) => void;

/**
 * The function that normalises pixels, in float32 after each operation as torchvision's ToTensor and Normalize.
 * Without a normalisation pixels go to [0, 1]. uint8 pixels count to 255, float32 pixels to 1.
 */
export function pixelNormalizer(where: string, { mean, std }: Normalization = { mean: 0, std: 1 }): NormalizePixels {
  if (!Number.isFinite(mean) || !Number.isFinite(std) || !(std > 0)) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `${where}: normalize needs a finite mean and a std > 0, got mean ${mean} and std ${std}`,
      { mean, std },
    );
  }
  const { fround } = Math;
  const mean32 = fround(mean);
  const std32 = fround(std);
  const table = Float32Array.from({ length: 256 }, (_, pixel) => fround(fround(pixel / 255) - mean32) / std32);
  return (source, from, target, to, count) => {
    if (source instanceof Uint8Array) {
      for (let i = 0; i < count; i++) target[to + i] = table[source[from + i]!]!;
    } else {
      for (let i = 0; i < count; i++) target[to + i] = fround(source[from + i]! - mean32) / std32;
    }
  };
}

/** Rows and columns. */
export type Grid = readonly [number, number];

/** Keys' kernel with a = -0.75, as PyTorch and OpenCV have it; TensorFlow and Pillow use -0.5. */
const SHARPNESS = -0.75;

/** Weight of a sample at that distance. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((SHARPNESS + 2) * x - (SHARPNESS + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * SHARPNESS;
  return 0;
}

/** Bicubic interpolation along one dimension, as a row-major matrix [to, from]; beyond the ends the last value counts. */
function alongOne(from: number, to: number): Float64Array {
  const matrix = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const position = ((i + 0.5) * from) / to - 0.5;
    const first = Math.floor(position) - 1;
    for (let tap = first; tap < first + 4; tap++) {
      const nearest = Math.min(Math.max(tap, 0), from - 1);
      matrix[i * from + nearest]! += cubic(position - tap);
    }
  }
  return matrix;
}

/**
 * What takes position embeddings of one grid of patches to another: a matrix [patches of `to`, patches of `from`].
 *
 * Reference: `torch.nn.functional.interpolate(mode='bicubic', align_corners=False)`, which Hugging Face's
 * `interpolate_pos_encoding` calls; Keys 1981, "Cubic convolution interpolation for digital image processing".
 */
export function gridInterpolation(from: Grid, to: Grid): Float32Array {
  const [vertical, horizontal] = [alongOne(from[0], to[0]), alongOne(from[1], to[1])];
  const matrix = new Float32Array(to[0] * to[1] * from[0] * from[1]);
  let n = 0;
  for (let i = 0; i < to[0]; i++) {
    for (let j = 0; j < to[1]; j++) {
      for (let k = 0; k < from[0]; k++) {
        for (let l = 0; l < from[1]; l++) {
          matrix[n++] = vertical[i * from[0] + k]! * horizontal[j * from[1] + l]!;
        }
      }
    }
  }
  return matrix;
}

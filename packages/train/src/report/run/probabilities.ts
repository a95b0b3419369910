import type { Predictions } from '../../loop/ask-loader.ts';

/**
 * Softmax of one sample's logits, in float64: `exp(z_c / T) / sum_k exp(z_k / T)`.
 *
 * @param row of the sample, from 0
 * @param temperature > 0. @default 1
 * @returns one for each class; they sum to 1
 *
 * @example
 * import { probabilities } from '@kd/train/report';
 * const answers = { logits: Float32Array.of(0, 0, 3, 1), classes: 2, ids: [0, 1] };
 * console.log(probabilities(answers, 1).map((p) => p.toFixed(3))); // [ '0.881', '0.119' ]
 */
export function probabilities(
  { logits, classes }: Pick<Predictions, 'logits' | 'classes'>,
  row: number,
  temperature = 1,
): number[] {
  const scaled = Array.from(logits.subarray(row * classes, (row + 1) * classes), (logit) => logit / temperature);
  const largest = Math.max(...scaled);
  const powers = scaled.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** The likeliest class and its probability. */
export function surest(values: readonly number[]): { prediction: number; probability: number } {
  const probability = Math.max(...values);
  return { prediction: values.indexOf(probability), probability };
}

import type { DataLoader } from '@kd/core';
import { predictions } from '@kd/metrics';
import { type Predictions, predictLogits } from '@kd/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { OmittedDigit } from './results.ts';
import type { Tested } from './score.ts';

const STEP = 0.1;
const LARGEST = 10;

function withShift({ logits, classes }: Predictions, digit: number, shift: number): Float32Array {
  return logits.map((logit, i) => (i % classes === digit ? logit + shift : logit));
}

function countErrors(
  logits: Float32Array,
  labels: Int32Array,
  digit: number,
): { errors: number; errorsOnDigit: number } {
  let errors = 0;
  let errorsOnDigit = 0;
  predictions(logits, labels.length).forEach((prediction, i) => {
    if (prediction === labels[i]) return;
    errors += 1;
    if (labels[i] === digit) errorsOnDigit += 1;
  });
  return { errors, errorsOnDigit };
}

/**
 * Hinton et al., section 3: a student that never saw a digit still knows it from the soft targets of the others; what it
 * lacks is mostly the class's bias. The shift is chosen on validation images.
 */
export async function scoreOmitted(
  model: LayersModel,
  digit: number,
  validation: DataLoader,
  tested: Tested,
): Promise<OmittedDigit> {
  const known = await predictLogits(model, validation);
  let biasShift = 0;
  let fewest = Infinity;
  for (let step = 0; step <= LARGEST / STEP; step++) {
    const { errors } = countErrors(withShift(known, digit, step * STEP), known.labels!, digit);
    if (errors < fewest) {
      fewest = errors;
      biasShift = Number((step * STEP).toFixed(1));
    }
  }
  const shifted = countErrors(withShift(tested, digit, biasShift), tested.labels, digit);
  return {
    digit,
    ...countErrors(tested.logits, tested.labels, digit),
    biasShift,
    errorsShifted: shifted.errors,
    errorsOnDigitShifted: shifted.errorsOnDigit,
  };
}

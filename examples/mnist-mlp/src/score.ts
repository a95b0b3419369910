import type { DataLoader } from '@kd/core';
import { mcnemar, predictions } from '@kd/metrics';
import { type ForwardMode, type Predictions, predictLogits, scorePredictions } from '@kd/train';
import { probabilities } from '@kd/train/report';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Engine } from './engine.ts';
import { count } from './format.ts';
import type { Answer, Comparison, NetworkKey, TestScore } from './results.ts';

/** A network's answers to the test images. */
export interface Tested extends Predictions {
  labels: Int32Array;
  score: TestScore;
  msPerImage: number;
}

/** Asks a network about every test image. */
export async function testNetwork(
  engine: Engine,
  model: LayersModel,
  loader: DataLoader,
  mode: ForwardMode,
): Promise<Tested> {
  const start = performance.now();
  const predicted = await engine.withLogits(model, mode, (logits) =>
    predictLogits(model, loader, { mode, ...(logits ? { logits } : {}) }),
  );
  const elapsed = performance.now() - start;
  const labels = predicted.labels!;
  const { eval_accuracy, eval_loss } = scorePredictions(predicted);
  const errors = Math.round((1 - eval_accuracy) * labels.length);
  const score = { errors, accuracy: eval_accuracy, loss: eval_loss, images: labels.length };
  return { ...predicted, labels, score, msPerImage: elapsed / labels.length };
}

/** Which images a network gets right. */
function hits({ logits, labels }: Tested): boolean[] {
  return Array.from(predictions(logits, labels.length), (prediction, i) => prediction === labels[i]);
}

export function answer(predicted: Predictions, row: number): Answer {
  const each = probabilities(predicted, row);
  const probability = Math.max(...each);
  return { prediction: each.indexOf(probability), probability };
}

const NAMES: Record<NetworkKey, string> = {
  teacher: 'the teacher',
  scratch: 'the student from labels alone',
  student: 'the distilled student',
};

/** Two networks on the same images: McNemar's exact test, and what may be said of it. */
export function compare(a: NetworkKey, b: NetworkKey, testedA: Tested, testedB: Tested): Comparison {
  const { onlyA, onlyB, pValue } = mcnemar(hits(testedA), hits(testedB));
  const [nameA, nameB] = [NAMES[a], NAMES[b]];
  const [errorsA, errorsB] = [testedA.score.errors, testedB.score.errors];
  const p = pValue < 0.001 ? 'p < .001' : `p = ${pValue.toFixed(3).replace(/^0/, '')}`;
  const figures = `${count(errorsA)} against ${count(errorsB)} errors, ${p}`;
  const sentence =
    pValue < 0.05
      ? `${capital(nameA)} ${errorsA < errorsB ? 'beats' : 'is beaten by'} ${nameB} (${figures}).`
      : `${capital(nameA)} and ${nameB} cannot be told apart on these images (${figures}).`;
  return { a, b, onlyA, onlyB, pValue, sentence };
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

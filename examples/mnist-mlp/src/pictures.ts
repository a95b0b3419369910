import type { ImageDataset } from '@kd/core';
import { dataLoader, subset } from '@kd/data';
import { predictLogits } from '@kd/train';
import { probabilities } from '@kd/train/report';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Data } from './data.ts';
import type { Picture, RunResults } from './results.ts';
import { answer, type Tested } from './score.ts';

const TEMPERATURES = [1, 5, 20];
const CANDIDATES = 1000;
const SHOWN = 24;

export function picture(dataset: ImageDataset, index: number): Picture {
  const { id, image, label } = dataset.get(index);
  return { id: Number(id), pixels: Array.from(image.data), label: label! };
}

/** The training image, of the first thousand, that the teacher gets right with the least certainty. */
export async function hardToTell(teacher: LayersModel, data: Data): Promise<RunResults['softTargets']> {
  const few = Math.min(CANDIDATES, data.train.length);
  const candidates = subset(
    data.train,
    Array.from({ length: few }, (_, i) => i),
  );
  const predicted = await predictLogits(
    teacher,
    dataLoader(candidates, { batchSize: 500, normalize: data.normalization }),
  );
  let chosen = 0;
  let least = Infinity;
  for (let row = 0; row < few; row++) {
    const { prediction, probability } = answer(predicted, row);
    if (prediction === predicted.labels![row] && probability < least) {
      least = probability;
      chosen = row;
    }
  }
  const answers = TEMPERATURES.map((temperature) => ({
    temperature,
    probabilities: probabilities(predicted, chosen, temperature),
  }));
  return { ...picture(candidates, chosen), answers };
}

/** Test images that two networks see differently; the surest contradictions first. */
export function disagreements(
  test: ImageDataset,
  teacher: Tested,
  student: Tested,
): Pick<RunResults, 'disagreements' | 'disagreementCount'> {
  const rows = Array.from({ length: teacher.labels.length }, (_, row) => ({
    row,
    teacher: answer(teacher, row),
    student: answer(student, row),
  })).filter((each) => each.teacher.prediction !== each.student.prediction);
  rows.sort((a, b) => b.teacher.probability * b.student.probability - a.teacher.probability * a.student.probability);
  return {
    disagreementCount: rows.length,
    disagreements: rows.slice(0, SHOWN).map(({ row, ...answers }) => ({ ...picture(test, row), ...answers })),
  };
}

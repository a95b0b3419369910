import type { ArmContext, ArmResult } from '../experiments/arm.ts';
import { predictLogits } from '../loop/predict-logits.ts';
import { train } from '../loop/train.ts';
import { classification } from '../objectives/classification.ts';
import { distillation } from '../objectives/distillation.ts';
import { cachedTeacher } from '../teachers/cached-teacher.ts';
import { modelTeacher } from '../teachers/model-teacher.ts';
import { digits, network, testDigits } from './digits.ts';

type Settings = { temperature: number; learningRate: number; images: number };

/** A student of a teacher that has seen more digits: one run of a sweep over its temperature and rate. */
export async function run({ settings, seed, signal }: ArmContext<Settings>): Promise<ArmResult> {
  const { temperature, learningRate, images } = settings;
  const teacherModel = network({ seed: 100 });
  await train({ model: teacherModel, objective: classification(), train: digits(1000), epochs: 3, learningRate: 0.01 });
  const student = network({ seed });
  await train({
    model: student,
    objective: distillation({ teacher: cachedTeacher(modelTeacher(teacherModel)), temperature }),
    train: digits(images, { seed }),
    epochs: 2,
    learningRate,
    seed,
    signal,
  });
  return { predictions: await predictLogits(student, testDigits(500)) };
}

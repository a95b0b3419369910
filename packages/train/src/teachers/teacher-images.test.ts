import { augmentation, createProcessor, mixup } from '@kd/data';
import { mlp } from '@kd/models';
import { expect, it } from 'vitest';
import { train } from '../loop/train.ts';
import { distillation } from '../objectives/distillation.ts';
import { classNames, digits, network } from '../testing/digits.ts';
import { cachedTeacher } from './cached-teacher.ts';
import { modelTeacher } from './model-teacher.ts';
import type { Teacher } from './teacher.ts';

const teacherProcessor = createProcessor({
  image_processor_type: 'ViTImageProcessor',
  size: 14,
  image_mean: [0.5],
  image_std: [0.25],
});
const small = mlp({ inputShape: [14, 14, 1], hiddenSizes: [8], classNames, seed: 4 });

/** A teacher of half the resolution, and what it was shown. */
function watched(): Teacher & { shapes: Set<string> } {
  const plain = modelTeacher(small);
  const shapes = new Set<string>();
  const logits: Teacher['logits'] = (batch, context) => {
    shapes.add(`${batch.images.shape.slice(1)} ${batch.teacherImages ? 'and more' : ''}`);
    return plain.logits(batch, context);
  };
  return { ...plain, logits, shapes };
}

it('a teacher of another resolution sees its images, once for each view, and the student its own', async () => {
  const teacher = watched();
  const cached = cachedTeacher(teacher);
  const augment = augmentation([{ type: 'randomErasing' }, { type: 'jitter', pixels: 2 }], { views: 2 });
  const { history } = await train({
    model: network({ batchNorm: false, dropout: 0 }),
    objective: distillation({ teacher: cached, temperature: 2 }),
    train: digits(96, { teacherProcessor, augment }),
    epochs: 5,
  });
  expect([...teacher.shapes]).toEqual(['14,14,1 ']);
  expect(cached.counts).toEqual({ asked: 2 * 96, remembered: 3 * 96, replayed: 0 });
  const losses = history.map(({ train_soft_loss }) => train_soft_loss as number);
  expect(losses[4]).toBeLessThan(losses[0]!);
});

it('any teacher does, whoever wrote it, of mixed images too', async () => {
  const teacher = watched();
  await train({
    model: network(),
    objective: distillation({ teacher }),
    train: digits(64, { teacherProcessor, batchTransform: mixup(), output: 'uint8' }),
    epochs: 1,
  });
  expect([...teacher.shapes]).toEqual(['14,14,1 ']);
});

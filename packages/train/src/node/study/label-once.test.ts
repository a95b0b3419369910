import '@tensorflow/tfjs-backend-cpu';
import type { Batch, DataLoader } from '@kd/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { modelTeacher } from '../../teachers/model-teacher.ts';
import type { Teacher } from '../../teachers/teacher.ts';
import { network, testDigits } from '../../testing/digits.ts';
import { askAll, labelledTeacher, rememberingTeacher } from './label-once.ts';

const context = { seed: 0, epoch: 0, step: 0, ids: new Uint32Array() };

let teacher: Teacher & { asked: number };
beforeEach(() => {
  const model = modelTeacher(network({ seed: 9 }));
  teacher = {
    ...model,
    asked: 0,
    logits(batch, given) {
      teacher.asked += batch.ids.length;
      return model.logits(batch, given);
    },
  };
});

async function firstBatch(loader: DataLoader): Promise<Batch> {
  for await (const batch of loader.epoch(0)) return batch;
  throw new Error('no batch');
}

/** Digits that a teacher has been asked about, and the student's batch of them: of other pixels, as in another size. */
async function labelled() {
  const loader = testDigits(20);
  const answers = await askAll(teacher, loader, undefined, undefined);
  const batch = await firstBatch(loader);
  teacher.asked = 0;
  const seen: Batch = { ...batch, images: { ...batch.images, data: batch.images.data.slice().fill(0) } };
  return { splits: [{ answers, loader }], seen, said: answers.logits.slice(0, batch.ids.length * answers.classes) };
}

describe('a teacher who has labelled images', () => {
  it.each([
    ['labelledTeacher', labelledTeacher],
    ['rememberingTeacher', rememberingTeacher],
  ])('says it once more, whatever the student sees of them: %s', async (_, make) => {
    const { splits, seen, said } = await labelled();
    const again = await make(teacher, splits);
    expect(await again.logits(seen, context)).toEqual(said);
    expect(teacher.asked).toBe(0);
    expect(await again.fingerprint()).toBe(await teacher.fingerprint());
  });

  it.each<[string, (batch: Batch) => Batch]>([
    ['views', (batch) => ({ ...batch, views: new Uint32Array(batch.ids.length) })],
    ['images of another source', (batch) => ({ ...batch, source: 'other' })],
  ])('is asked about %s, or says that it was not', async (_, changed) => {
    const { splits, seen } = await labelled();
    const batch = changed(seen);
    const said = await (await rememberingTeacher(teacher, splits)).logits(batch, context);
    expect(teacher.asked).toBe(batch.ids.length);
    expect(said).toEqual(await teacher.logits(batch, context));
    const only = await labelledTeacher(teacher, splits);
    await expect(only.logits(batch, context)).rejects.toThrow('of the images as they are, and of no others');
  });
});

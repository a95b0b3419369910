import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selectBackend } from '@kd/backend/node';
import { augmentation, createProcessor, subset } from '@kd/data';
import { loadDataset } from '@kd/data/node';
import { getPreprocessorConfig, resnet, setPreprocessorConfig } from '@kd/models';
import { fromPretrained, predict } from '@kd/models/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelTeacher } from '../teachers/model-teacher.ts';
import type { Teacher } from '../teachers/teacher.ts';
import { distill } from './distill.ts';
import { evaluate } from './evaluate.ts';
import { readRunConfig } from './trainer/run-config.ts';

const source = fileURLToPath(new URL('../../../../../shared/data/beans_parquet', import.meta.url));
const isThere = existsSync(source);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd photographs '));
  await selectBackend({ backend: 'wasm' });
});
afterAll(() => rm(folder, { recursive: true }));

const processorConfig = {
  image_processor_type: 'ViTImageProcessor',
  size: { height: 32, width: 32 },
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};
const small = { embeddingSize: 8, hiddenSizes: [8, 16], depths: [1, 1] };

/** Every 86th photograph: the classes come one after the other. */
async function beans() {
  const all = await loadDataset('beans', { source });
  const some = (split: 'train' | 'validation' | 'test', count: number) => {
    const dataset = all.splits[split]!;
    const every = Math.floor(dataset.length / count);
    return subset(
      dataset,
      Array.from({ length: count }, (_, i) => i * every),
    );
  };
  return {
    classNames: all.classNames,
    train: some('train', 12),
    validation: some('validation', 6),
    test: some('test', 6),
  };
}

describe.skipIf(!isThere)(`distill on beans${isThere ? '' : ' (skipped: no ../shared/data/beans_parquet)'}`, () => {
  it('prepares photographs as the teacher has it, and the student keeps that', { timeout: 60_000 }, async () => {
    const { classNames, train, validation, test } = await beans();
    const teacher = resnet({ ...small, classNames, seed: 1 });
    setPreprocessorConfig(teacher, processorConfig);
    const student = resnet({ ...small, classNames, seed: 2 });
    const outputDir = join(folder, 'run');
    const result = await distill({ teacher, student, train, validation, test, epochs: 2, outputDir });
    expect(result).toMatchObject({ steps: 4, epoch: 2, warnings: [] });
    expect(getPreprocessorConfig(student)).toMatchObject(processorConfig);
    // By itself, with nothing but its folder: the same scores, and it takes a photograph.
    const saved = await fromPretrained(result.model!);
    const { eval_loss, eval_accuracy } = await evaluate(saved, test);
    expect(eval_loss).toBeCloseTo(result.test_loss!, 5);
    expect(eval_accuracy).toBe(result.test_accuracy);
    expect((await predict(saved, await test.read(0)))[0]!.label).toBeOneOf([...classNames]);
    const checkpoint = JSON.parse(await readFile(join(result.checkpoint!, 'preprocessor_config.json'), 'utf8'));
    expect(checkpoint).toMatchObject(processorConfig);
  });

  it('shows the teacher the same photographs in its own size', { timeout: 60_000 }, async () => {
    const { classNames, train } = await beans();
    const inner = modelTeacher(resnet({ ...small, classNames, seed: 1 }), { classNames });
    const seen: number[][] = [];
    const teacher: Teacher = {
      ...inner,
      logits(batch, context) {
        seen.push([...(batch.teacherImages ?? batch.images).shape]);
        return inner.logits(batch, context);
      },
    };
    const outputDir = join(folder, 'two sizes');
    await distill({
      teacher,
      student: resnet({ ...small, classNames, seed: 2 }),
      processor: processorConfig,
      teacherProcessor: { ...processorConfig, size: { height: 48, width: 48 } },
      train,
      epochs: 1,
      outputDir,
    });
    expect(seen).toEqual([
      [8, 48, 48, 3],
      [4, 48, 48, 3],
    ]);
    expect(await readRunConfig(outputDir)).toMatchObject({ teacherProcessor: { size: { height: 48, width: 48 } } });
  });

  it('starts again with augmentation passed again, and the processor from the file', { timeout: 60_000 }, async () => {
    const { classNames, train, validation } = await beans();
    let [images, calls] = [0, 0];
    const inner = modelTeacher(resnet({ ...small, classNames, seed: 1 }), { classNames });
    const teacher = {
      ...inner,
      logits: (...args: Parameters<typeof inner.logits>) => {
        images += args[0].ids.length;
        calls += 1;
        return inner.logits(...args);
      },
    };
    const augment = augmentation([{ type: 'horizontalFlip' }]);
    const run = (options: object = {}) =>
      distill({
        processor: createProcessor(processorConfig),
        epochs: 3,
        ...options,
        teacher,
        student: resnet({ ...small, classNames, seed: 2 }),
        train,
        validation,
        augment,
        outputDir: join(folder, 'augmented'),
      });
    const first = await run();
    expect(images).toBe(36); // every flip anew: the teacher is asked about all of them
    expect(calls).toBe(6);
    const { processor, augment: given, ...config } = await readRunConfig(join(folder, 'augmented'));
    expect(processor).toMatchObject(processorConfig);
    expect(given).toMatchObject({ $given: 'augment' });
    const again = await run({ ...config, processor });
    expect(again.history.map(({ train_loss }) => train_loss)).toEqual(
      first.history.map(({ train_loss }) => train_loss),
    );
  });
});

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selectBackend } from '@kd/backend/node';
import { dataLoader, MNIST_NORMALIZATION, subset } from '@kd/data';
import { loadDataset, loadMnist } from '@kd/data/node';
import { mlp, mobileNetV2 } from '@kd/models';
import { fromPretrained, saveModel, savePretrained } from '@kd/models/node';
import { adam, cachedTeacher, classification, distillation, modelTeacher, train } from '@kd/train';
import { distill } from '@kd/train/node';
import sharp from 'sharp';

const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A folder as `npm start` of the MNIST example leaves it, of small networks that have learned for seconds. */
export async function makeDigitsRun(folder: string): Promise<void> {
  await selectBackend({ backend: 'wasm' });
  const { train: all, test } = await loadMnist();
  const digits = subset(all, indices(12_000));
  const settings = { batchSize: 64, shuffle: true, seed: 1, normalize: MNIST_NORMALIZATION };
  const loader = dataLoader(digits, settings);
  const { classNames } = digits;
  const [teacher, student] = [[256], [64]].map((hiddenSizes, seed) => mlp({ hiddenSizes, classNames, seed }));
  const common = { train: loader, learningRate: 2e-3, seed: 1 };
  await train({ ...common, model: teacher!, objective: classification(), optimizer: adam(), epochs: 2 });
  const asked = cachedTeacher(modelTeacher(teacher!, { classNames }));
  await train({
    ...common,
    model: student!,
    objective: distillation({ teacher: asked, temperature: 4 }),
    optimizer: adam(),
    epochs: 2,
  });
  for (const [name, model] of [
    ['teacher', teacher!],
    ['student', student!],
  ] as const) {
    model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), normalization: MNIST_NORMALIZATION });
    await saveModel(model, join(folder, name));
    model.dispose();
  }
  await mkdir(join(folder, 'samples'));
  for (const index of [0, 1, 2]) {
    const { image, label } = test.get(index);
    const pixels = sharp(image.data as Uint8Array, { raw: { width: 28, height: 28, channels: 1 } });
    await writeFile(join(folder, 'samples', `test-${index}-label-${label}.png`), await pixels.png().toBuffer());
  }
}

/** A run of `distill()` on photographs, two steps long, and the folder of its teacher. */
export async function makePhotographsRun(folder: string, photographs: string, backbone: string): Promise<void> {
  await selectBackend({ backend: 'wasm' });
  const { train: all } = (await loadDataset(photographs)).splits;
  const { classNames } = all!;
  const teacher = await fromPretrained(backbone, { classNames, ignoreMismatchedSizes: true, seed: 3 });
  const student = mobileNetV2({ classNames, depthMultiplier: 0.35, seed: 4 });
  await distill({
    teacher,
    student,
    train: subset(all!, [0, 400, 800, 1, 401, 801, 2, 402]),
    maxSteps: 2,
    perDeviceTrainBatchSize: 4,
    learningRate: 1e-3,
    outputDir: join(folder, 'run'),
  });
  await savePretrained(teacher, join(folder, 'teacher'));
}

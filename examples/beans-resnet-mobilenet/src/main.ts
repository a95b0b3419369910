// The guide "Knowledge distillation for computer vision", in its edition with a ResNet, as an experiment. `npm start -- --help` tells the options.
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { selectBackend } from '@kd/backend/node';
import { KdError } from '@kd/core';
import { processorForSize, trainValidationTest } from '@kd/data';
import { describe, loadDataset } from '@kd/data/node';
import { computeMetrics } from '@kd/metrics';
import { getPreprocessorConfig, mobileNetV2, setPreprocessorConfig } from '@kd/models';
import { fromPretrained } from '@kd/models/node';
import { onnxEngine } from '@kd/onnx/node';
import { tfjsEngine } from '@kd/train';
import {
  type FineTuneOptions,
  fineTune,
  interruptSignal,
  progressBar,
  STUDY_ARMS,
  study,
  type TrainDataset,
} from '@kd/train/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { HELP, type Options, parseOptions } from './options.ts';

/** The folder in which the user typed the command; npm changes it. */
const cwd = process.env.INIT_CWD ?? process.cwd();

/** What a teacher without a preprocessor_config.json was most likely made for. */
const RESNET_PROCESSOR = {
  image_processor_type: 'ConvNextImageProcessor',
  size: { shortest_edge: 224 },
  crop_pct: 0.875,
};

const say = (line: string): void => console.log(line);

const shown = (path: string): string => relative(cwd, path) || '.';

/** A folder that is there is meant before a name on the Hub. */
const folderOrName = (text: string): string => (existsSync(resolve(cwd, text)) ? resolve(cwd, text) : text);

/** The student anew, with first weights that the seed decides. */
function makeStudent(
  options: Options,
  classNames: readonly string[],
  seed: number,
): LayersModel | Promise<LayersModel> {
  const { student, studentPretrained: weights, imageSize, batchNormMomentum, dropout } = options;
  const asGiven = { classNames, seed, weights, ignoreMismatchedSizes: true };
  if (student) return fromPretrained(folderOrName(student), asGiven);
  const modelOptions = { imageSize, batchNormMomentum, classifierDropoutProb: dropout };
  if (weights) return fromPretrained('google/mobilenet_v2_1.0_224', { ...asGiven, modelOptions });
  return mobileNetV2({ classNames, seed, ...modelOptions });
}

/** The teacher with a head for these classes; as the guide has it that is random, else it learns them first. */
async function openTeacher(
  { teacher: name, teacherEpochs, seed, out }: Options,
  train: TrainDataset,
  validation: TrainDataset,
  how: Pick<FineTuneOptions, 'engine' | 'signal'>,
): Promise<LayersModel | undefined> {
  const outputDir = join(out, 'teacher-model');
  const learned = join(outputDir, 'model');
  if (existsSync(learned)) return fromPretrained(learned);
  const { classNames } = train;
  const model = await fromPretrained(folderOrName(name), { classNames, ignoreMismatchedSizes: true, seed });
  if (!getPreprocessorConfig(model)) setPreprocessorConfig(model, RESNET_PROCESSOR);
  say(`\nTeacher ${name}: ${model.countParams().toLocaleString('en')} parameters`);
  if (teacherEpochs === 0) return model;
  say('It learns the labels first.');
  const { stopped } = await fineTune({
    model,
    train,
    validation,
    numTrainEpochs: teacherEpochs,
    perDeviceTrainBatchSize: 16,
    learningRate: 2e-4,
    seed,
    loggingStrategy: 'epoch',
    saveStrategy: 'epoch',
    saveTotalLimit: 1,
    loadBestModelAtEnd: true,
    metricForBestModel: 'accuracy',
    computeMetrics,
    ...how,
    callbacks: [progressBar()],
    onWarning: say,
    ...(existsSync(outputDir) ? { resumeFromCheckpoint: true } : {}),
    outputDir,
  });
  return stopped === 'aborted' ? undefined : model;
}

async function run(options: Options): Promise<void> {
  const { out, engine, imageSize, pushToHub } = options;
  if (existsSync(out) && !options.resume) {
    throw new KdError('INVALID_ARGUMENT', `--out: '${out}' is there already; take another folder, or go on: --resume`);
  }
  await selectBackend();
  const dataset = await loadDataset(options.data === 'hub' ? 'beans' : folderOrName(options.data));
  say(String(await describe(dataset)));
  const { train, validation, test, heldOut } = trainValidationTest(dataset.splits, { seed: options.seed });
  if (heldOut.length > 0) say(`Held out of the training images: ${heldOut.join(' and ')}.`);

  const signal = interruptSignal(() => say('\nStopping after this step and saving (once more: stop at once) …'));
  const steps = engine === 'onnx' ? { engine: onnxEngine({ fallback: tfjsEngine(), onWarning: say }) } : {};
  const teacher = await openTeacher(options, train, validation, { ...steps, signal });
  if (!teacher) return;
  say('The guide trains in float16; here it is float32, which is all that TF.js trains in.\n');

  const { comparison, runs } = await study({
    title: 'ResNet-50 to MobileNetV2',
    teacher,
    student: ({ seed }) => makeStudent(options, train.classNames, seed),
    train,
    validation,
    test,
    // Both networks see the same part of each image, the student in its size.
    processor: processorForSize(getPreprocessorConfig(teacher)!, imageSize),
    forceTeacher: options.forceTeacher,
    arms: Object.fromEntries(options.arms.map((arm) => [arm, STUDY_ARMS[arm]])),
    temperature: options.temperature,
    lambda: options.lambda,
    numTrainEpochs: options.epochs,
    perDeviceTrainBatchSize: options.batchSize,
    learningRate: options.learningRate,
    loggingStrategy: 'epoch',
    saveStrategy: 'epoch',
    saveTotalLimit: 1,
    loadBestModelAtEnd: true,
    metricForBestModel: 'accuracy',
    computeMetrics,
    seeds: Array.from({ length: options.seeds }, (_, i) => options.seed + i),
    ...steps,
    ...(pushToHub === undefined ? {} : { pushToHub: true, hubModelId: pushToHub }),
    onPhase: say,
    onWarning: say,
    signal,
    outputDir: out,
  });
  say(`\n${comparison.markdown}`);
  const student = runs.find(({ arm }) => arm === 'distilled');
  if (student) say(`The distilled student: ${shown(student.model)}`);
  say(`Report:                ${shown(join(out, 'study.html'))}`);
}

try {
  const options = parseOptions(process.argv.slice(2), cwd);
  if (options) await run(options);
  else say(HELP);
} catch (error) {
  if (!KdError.isInstance(error)) throw error;
  console.error(error.message);
  process.exitCode = error.code === 'ABORTED' ? 130 : 1;
}

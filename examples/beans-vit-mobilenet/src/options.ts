import { resolve } from 'node:path';
import { KdError } from '@kd/core';
import { readOptions } from '@kd/core/node';

export const HELP = `Distils a ViT into a MobileNetV2 on photographs of bean leaves, as Hugging Face's guide "Knowledge distillation for
computer vision" does, and trains the same student without the teacher, to compare.

  npm start                                        the guide: data and teacher from the Hugging Face Hub, 224 pixels, 30 epochs
  npm start -- --data my-photographs --teacher my-teacher --preset corrected
  npm start -- --preset quick --data ../beans --teacher ../beans-teacher/runs/beans-teacher/model

What to learn
  --data <name>            hub (beans), another data set of the Hub, or a folder: of class folders, of train/, validation/ and
                           test/ with them, or of Parquet files (default hub)
  --teacher <name>         repository on the Hub, or a folder with config.json and weights (default merve/beans-vit-224)
  --student <name>         whose config.json the student is built by, with the dropout and batch-norm momentum of
                           that file (default MobileNetV2's own defaults)
  --student-pretrained     start from its weights as well (default google/mobilenet_v2_1.0_224)
  --force-teacher          go on with a teacher that is no better than chance

How
  --preset <name>          as-published  the guide to the letter: its student evaluates with the last batch's statistics (default)
                           corrected     the same with the batch-norm momentum that its authors meant
                           quick         64 pixels, three epochs, a higher rate, to see all of it work: a minute and a half with a
                                         small teacher; the guide's ViT-B takes three minutes more to answer
                           best          128 pixels, 60 epochs, crops and flips that teacher and student see alike, a rate that
                                         suits weights drawn at random
  --arms <a,b,…>           ways of training to compare: scratch, label smoothing, distilled (default all; quick: without the
                           second)
  --temperature <x>        softens both networks' answers (default 5)
  --lambda <x>             weight of the teacher's answers; the labels have the rest (default 0.5)
  --image-size <n>         of the student; the teacher sees what it was made for (default 224)
  --batch-size <n>         images in a step (default 8)
  --learning-rate <x>      at the start; it falls linearly to 0 (default 5e-5)
  --epochs <n>             (default 30)
  --augment                crops, flips and colours, eight views of each image; the teacher labels the view that the student sees
  --seeds <n>              repeat with n seeds, from --seed on (default 1)
  --seed <n>               of weights and order (default 42)
  --engine <name>          onnx (default: ONNX Runtime, where it loads) or tfjs

Where it goes
  --out <folder>           results (default runs/beans-vit-mobilenet)
  --resume                 go on with the run in that folder
  --push-to-hub <name>     upload the distilled student of the first seed: name or organisation/name; HF_TOKEN has the token
  --help                   this text

KD_BACKEND=cpu, wasm, tfjs-node or tfjs-node-gpu chooses the TF.js backend.
`;

const PRESETS = ['as-published', 'corrected', 'quick', 'best'] as const;
type Preset = (typeof PRESETS)[number];

const ARMS = ['scratch', 'label smoothing', 'distilled'] as const;

/** A whole experiment, resolved. */
export interface Options {
  data: string;
  teacher: string;
  student?: string;
  studentPretrained: boolean;
  forceTeacher: boolean;
  preset: Preset;
  arms: readonly (typeof ARMS)[number][];
  temperature: number;
  lambda: number;
  imageSize: number;
  batchSize: number;
  learningRate: number;
  epochs: number;
  /** Share of the old running statistics that a step keeps. */
  batchNormMomentum: number;
  dropout: number;
  schedule: 'linear' | 'cosine';
  augment: boolean;
  seeds: number;
  seed: number;
  engine: 'onnx' | 'tfjs';
  out: string;
  resume: boolean;
  pushToHub?: string;
}

const GUIDE = {
  data: 'hub',
  teacher: 'merve/beans-vit-224',
  studentPretrained: false,
  forceTeacher: false,
  arms: ARMS,
  temperature: 5,
  lambda: 0.5,
  imageSize: 224,
  batchSize: 8,
  learningRate: 5e-5,
  epochs: 30,
  // transformers' class takes TensorFlow's .997 for PyTorch's momentum, which is the other way round.
  batchNormMomentum: 0.003,
  dropout: 0.8,
  schedule: 'linear',
  augment: false,
  seeds: 1,
  seed: 42,
  engine: 'onnx',
  resume: false,
} as const satisfies Partial<Options>;

const OF_PRESET: Readonly<Record<Preset, Partial<Options>>> = {
  'as-published': {},
  corrected: { batchNormMomentum: 0.997 },
  // So few steps get nowhere at the guide's rate, and .997 would still remember the first.
  quick: {
    arms: ['scratch', 'distilled'],
    imageSize: 64,
    epochs: 3,
    learningRate: 1e-3,
    batchNormMomentum: 0.9,
    dropout: 0.2,
    batchSize: 16,
  },
  // Chosen on validation images. Soft targets do most of the work: the labels cannot know what a crop shows.
  best: {
    imageSize: 128,
    epochs: 60,
    learningRate: 1e-3,
    schedule: 'cosine',
    batchNormMomentum: 0.99,
    dropout: 0.2,
    batchSize: 16,
    temperature: 2,
    lambda: 0.9,
    augment: true,
  },
};

/** @returns undefined where help is wanted */
export function parseOptions(args: readonly string[], cwd: string): Options | undefined {
  const { help, preset = 'as-published', out = 'runs/beans-vit-mobilenet', ...given } = read(args);
  if (help) return undefined;
  return { ...GUIDE, ...OF_PRESET[preset], ...given, preset, out: resolve(cwd, out) };
}

function read(args: readonly string[]) {
  try {
    return readOptions(args, {
      data: { type: 'text' },
      teacher: { type: 'text' },
      student: { type: 'text' },
      'student-pretrained': { type: 'flag' },
      'force-teacher': { type: 'flag' },
      preset: { type: 'choice', of: PRESETS },
      arms: { type: 'choices', of: ARMS },
      temperature: { type: 'number', above: 0 },
      lambda: { type: 'number', min: 0, max: 1 },
      'image-size': { type: 'integer', min: 32 },
      'batch-size': { type: 'integer', min: 1 },
      'learning-rate': { type: 'number', above: 0 },
      epochs: { type: 'integer', min: 1 },
      augment: { type: 'flag' },
      seeds: { type: 'integer', min: 1 },
      seed: { type: 'integer', min: 0 },
      engine: { type: 'choice', of: ['onnx', 'tfjs'] },
      out: { type: 'text' },
      resume: { type: 'flag' },
      'push-to-hub': { type: 'text' },
      help: { type: 'flag' },
    });
  } catch (error) {
    if (!KdError.isInstance(error)) throw error;
    throw new KdError(error.code, `${error.message}. See npm start -- --help`);
  }
}

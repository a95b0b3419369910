import { resolve } from 'node:path';
import { KdError } from '@kd/core';
import { readOptions } from '@kd/core/node';

export const HELP = `Distils a ResNet-50 into a MobileNetV2 on photographs of bean leaves, as the second edition of Hugging Face's guide
"Knowledge distillation for computer vision" does, and trains the same student without the teacher, to compare.

  npm start                                        the guide: data and teacher from the Hugging Face Hub, 224 pixels, 30 epochs
  npm start -- --preset corrected                  with a teacher that learns the leaves first
  npm start -- --data my-photographs --teacher my-resnet --preset corrected

What to learn
  --data <name>            hub (beans), another data set of the Hub, or a folder: of class folders, of train/, validation/ and
                           test/ with them, or of Parquet files (default hub)
  --teacher <name>         repository on the Hub, or a folder with config.json and weights (default microsoft/resnet-50)
  --teacher-epochs <n>     it is trained on the labels for so long first; 0: not at all
  --student <name>         whose config.json the student is built by, with the dropout and batch-norm momentum of
                           that file (default MobileNetV2's own defaults)
  --student-pretrained     start from its weights as well (default google/mobilenet_v2_1.0_224)
  --force-teacher          go on with a teacher that is no better than chance

How
  --preset <name>          as-published  the guide to the letter: the teacher's new head is random, so it knows nothing (default)
                           corrected     the teacher is trained first, and the student's batch-norm momentum is as meant
                           quick         96 pixels, a few epochs, a higher rate: minutes, to see all of it work
  --arms <a,b,…>           ways of training to compare: scratch, label smoothing, distilled (default all; quick: without the
                           second)
  --temperature <x>        softens both networks' answers (default 5)
  --lambda <x>             weight of the teacher's answers; the labels have the rest (default 0.5)
  --image-size <n>         of the student; the teacher sees what it was made for (default 224)
  --batch-size <n>         images in a step (default 8)
  --learning-rate <x>      at the start; it falls linearly to 0 (default 5e-5)
  --epochs <n>             (default 30)
  --seeds <n>              repeat with n seeds, from --seed on (default 1)
  --seed <n>               of weights and order (default 42)
  --engine <name>          onnx (default: ONNX Runtime, where it loads) or tfjs

Where it goes
  --out <folder>           results (default runs/beans-resnet-mobilenet)
  --resume                 go on with the run in that folder
  --push-to-hub <name>     upload the distilled student of the first seed: name or organisation/name; HF_TOKEN has the token
  --help                   this text

KD_BACKEND=cpu, wasm, tfjs-node or tfjs-node-gpu chooses the TF.js backend.
`;

const PRESETS = ['as-published', 'corrected', 'quick'] as const;
type Preset = (typeof PRESETS)[number];

const ARMS = ['scratch', 'label smoothing', 'distilled'] as const;

/** A whole experiment, resolved. */
export interface Options {
  data: string;
  teacher: string;
  teacherEpochs: number;
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
  seeds: number;
  seed: number;
  engine: 'onnx' | 'tfjs';
  out: string;
  resume: boolean;
  pushToHub?: string;
}

const GUIDE = {
  data: 'hub',
  teacher: 'microsoft/resnet-50',
  teacherEpochs: 0,
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
  seeds: 1,
  seed: 42,
  engine: 'onnx',
  resume: false,
} as const satisfies Partial<Options>;

const OF_PRESET: Readonly<Record<Preset, Partial<Options>>> = {
  // The guide distils from a head that nobody has trained: chance, which has to be forced.
  'as-published': { forceTeacher: true },
  corrected: { teacherEpochs: 3, batchNormMomentum: 0.997 },
  // So few steps get nowhere at the guide's rate, and .997 would still remember the first.
  quick: {
    arms: ['scratch', 'distilled'],
    teacherEpochs: 1,
    imageSize: 96,
    epochs: 3,
    learningRate: 1e-3,
    batchNormMomentum: 0.9,
    dropout: 0.2,
    batchSize: 16,
  },
};

/** @returns undefined where help is wanted */
export function parseOptions(args: readonly string[], cwd: string): Options | undefined {
  const { help, preset = 'as-published', out = 'runs/beans-resnet-mobilenet', ...given } = read(args);
  if (help) return undefined;
  return { ...GUIDE, ...OF_PRESET[preset], ...given, preset, out: resolve(cwd, out) };
}
function read(args: readonly string[]) {
  try {
    return readOptions(args, {
      data: { type: 'text' },
      teacher: { type: 'text' },
      'teacher-epochs': { type: 'integer', min: 0 },
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

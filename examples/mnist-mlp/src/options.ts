import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KdError } from '@kd/core';
import { type Config, ENGINE_CHOICES, type EngineChoice, notebookSoftWeight, PRESETS, presetConfig } from './config.ts';

export const HELP = `Distils an MLP on MNIST: trains a teacher, a student from labels alone, and the same student
from the teacher's soft targets, and compares the three on the 10,000 test images.

  npm start                                  the quick preset: a few minutes
  npm start -- --preset corrected            any of the options below, after the two dashes
  npm start -- predict <model folder> <image file>
                                             one image through a saved model

What to run
  --preset <name>       quick         5 epochs for the teacher, 2 for each student: minutes (default)
                        as-published  the notebook to the letter, its slips included: 30 and 100 epochs, hours
                        corrected     the same recipe as it was meant: hours
                        paper         Hinton et al. 2015: jitter, dropout and max-norm for the teacher: hours
  --epochs <n>          epochs of every network, in place of the preset's
  --batch-size <n>      images in a step
  --learning-rate <x>   base rate
  --temperature <x>     softens both networks' answers: softmax(logits / temperature)
  --soft-weight <x>     weight of the soft targets in [0, 1]; the labels get the rest
  --seed <n>            of weights, order, dropout and jitter (default 42)
  --seeds <n>           repeat with n seeds in a row and give mean and 95 % interval
  --omit-digit <d>      hide one class from the students, as in section 3 of the paper
  --teacher <folder>    take a teacher that an earlier run saved
  --dataset <folder>    any folder of MNIST-like IDX files, gzipped or not (Fashion-MNIST works)
  --engine <name>       auto          ONNX Runtime where onnxruntime-node loads, else TF.js (default)
                        onnx          ONNX Runtime or nothing
                        tfjs          TF.js
  --sanity-check        one batch an epoch: the whole way in seconds

Where it goes
  --out <folder>        results (default runs/mnist-mlp/<preset>, or <preset>-2, -3 …)
  --resume <folder>     go on with a run that was stopped
  --help                this text

KD_BACKEND=cpu, wasm, tfjs-node or tfjs-node-gpu chooses the TF.js backend, and TF.js unless --engine says otherwise.
`;

export type Command =
  | { kind: 'help' }
  | { kind: 'run'; config: Config; out: string | undefined }
  | { kind: 'resume'; folder: string }
  | { kind: 'predict'; model: string; image: string };

function fail(message: string): never {
  throw new KdError('INVALID_ARGUMENT', `${message}. See npm start -- --help`);
}

/** The number behind an option, which must lie in a range. */
function number(name: string, text: string, valid: (value: number) => boolean, range: string): number {
  const value = Number(text);
  if (text.trim() === '' || !valid(value)) fail(`--${name} must be ${range}, got '${text}'`);
  return value;
}

const whole = (least: number) => (value: number) => Number.isSafeInteger(value) && value >= least;
const positive = (value: number): boolean => value > 0 && value < Infinity;

/**
 * Reads the command line.
 *
 * @param cwd folder that relative paths start from
 * @throws {KdError} INVALID_ARGUMENT for anything it does not understand
 */
export function parseCommand(args: readonly string[], cwd: string): Command {
  const { values, positionals } = parse(args);
  const path = (text: string): string => (isAbsolute(text) ? text : resolve(cwd, text));
  if (values.help) return { kind: 'help' };
  if (positionals[0] === 'predict') {
    const [, model, image, ...rest] = positionals;
    if (!model || !image || rest.length > 0) fail('predict takes a model folder and an image file');
    return { kind: 'predict', model: path(model), image: path(image) };
  }
  if (positionals.length > 0) fail(`'${positionals.join(' ')}' is not a command`);
  if (values.resume !== undefined) {
    const others = Object.keys(values).filter((name) => name !== 'resume');
    if (others.length > 0)
      fail(`--resume takes the options of the run it continues; leave out --${others.join(', --')}`);
    return { kind: 'resume', folder: path(values.resume) };
  }

  const preset = values.preset ?? 'quick';
  if (!(PRESETS as readonly string[]).includes(preset))
    fail(`--preset must be one of ${PRESETS.join(', ')}, got '${preset}'`);
  const config = presetConfig(preset);
  const { epochs } = values;
  if (epochs !== undefined) {
    config.teacher.epochs = number('epochs', epochs, whole(1), 'a whole number >= 1');
    config.student.epochs = config.teacher.epochs;
  }
  if (values['batch-size'] !== undefined) {
    config.batchSize = number('batch-size', values['batch-size'], whole(2), 'a whole number >= 2');
  }
  if (values['learning-rate'] !== undefined) {
    config.learningRate = number('learning-rate', values['learning-rate'], positive, 'a number > 0');
  }
  if (values.temperature !== undefined) {
    config.temperature = number('temperature', values.temperature, positive, 'a number > 0');
  }
  if (config.preset === 'as-published') {
    if (values['soft-weight'] !== undefined)
      fail("--soft-weight has no place in as-published, whose loss is the notebook's");
    config.softWeight = notebookSoftWeight(config.temperature);
  }
  if (values['soft-weight'] !== undefined) {
    config.softWeight = number('soft-weight', values['soft-weight'], (x) => x >= 0 && x <= 1, 'in [0, 1]');
    config.hardWeight = 1 - config.softWeight;
  }
  if (values.seed !== undefined) config.seed = number('seed', values.seed, whole(0), 'a whole number >= 0');
  if (values.seeds !== undefined) config.seeds = number('seeds', values.seeds, whole(1), 'a whole number >= 1');
  if (values['omit-digit'] !== undefined) {
    config.omitDigit = number('omit-digit', values['omit-digit'], (x) => whole(0)(x) && x <= 9, 'a digit from 0 to 9');
  }
  if (values.dataset !== undefined) config.dataset = path(values.dataset);
  if (values.engine !== undefined) {
    if (!(ENGINE_CHOICES as readonly string[]).includes(values.engine))
      fail(`--engine must be one of ${ENGINE_CHOICES.join(', ')}, got '${values.engine}'`);
    config.engine = values.engine as EngineChoice;
  }
  if (values.teacher !== undefined) config.teacherFolder = path(values.teacher);
  config.sanityCheck = values['sanity-check'] ?? false;
  return { kind: 'run', config, out: values.out === undefined ? undefined : path(values.out) };
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const DEFINITIONS = {
  preset: text,
  epochs: text,
  'batch-size': text,
  'learning-rate': text,
  temperature: text,
  'soft-weight': text,
  seed: text,
  seeds: text,
  'omit-digit': text,
  teacher: text,
  dataset: text,
  engine: text,
  'sanity-check': flag,
  out: text,
  resume: text,
  help: flag,
};

/** The names of all options. */
export const OPTIONS: readonly string[] = Object.keys(DEFINITIONS);

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: DEFINITIONS });
  } catch (error) {
    return fail((error as Error).message.split('. ')[0]!);
  }
}

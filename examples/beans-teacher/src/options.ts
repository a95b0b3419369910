import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KdError } from '@kd/core';

export const HELP = `Fine-tunes a pretrained backbone on photographs, so that it can teach: the step that the guide "Knowledge
distillation for computer vision" leaves out.

  npm start                                  ViT-B/16 on beans, both from the Hub (hours on a CPU: see --backbone)
  npm start -- --data my-photographs         a folder of class folders, or of train/ and validation/ with them
  npm start -- --backbone <folder> --data ../beans --epochs 2 --learning-rate 1e-4

  --backbone <name>     repository on the Hub, or a folder with config.json and weights
                        (default google/vit-base-patch16-224-in21k)
  --data <name>         beans, another data set of the Hub, or a folder (default beans)
  --epochs <n>          passes over the training images (default 4)
  --max-steps <n>       stop after so many steps, whatever --epochs says
  --batch-size <n>      images in a step (default 16)
  --learning-rate <x>   at the start; it falls linearly to 0 (default 2e-4)
  --seed <n>            of the new head and the order of images (default 42)
  --engine <name>       onnx (default: ONNX Runtime, where it loads) or tfjs
  --push-to-hub <name>  upload the teacher: name or organisation/name; HF_TOKEN has the token
  --out <folder>        results (default runs/beans-teacher)
  --resume              go on with the run in that folder
  --help                this text

KD_BACKEND=cpu, wasm, tfjs-node or tfjs-node-gpu chooses the TF.js backend.
`;

export interface Options {
  backbone: string;
  data: string;
  epochs: number;
  maxSteps?: number;
  batchSize: number;
  learningRate: number;
  seed: number;
  engine: 'onnx' | 'tfjs';
  pushToHub?: string;
  out: string;
  resume: boolean;
}

function fail(message: string): never {
  throw new KdError('INVALID_ARGUMENT', `${message}. See npm start -- --help`);
}

/** @returns undefined where help is wanted */
export function parseOptions(args: readonly string[], cwd: string): Options | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  const { engine = 'onnx' } = values;
  if (engine !== 'onnx' && engine !== 'tfjs') fail(`--engine must be onnx or tfjs, got '${engine}'`);
  const out = values.out ?? 'runs/beans-teacher';
  const maxSteps = values['max-steps'];
  const pushToHub = values['push-to-hub'];
  return {
    backbone: values.backbone ?? 'google/vit-base-patch16-224-in21k', // as in "Fine-Tune ViT for Image Classification with
    data: values.data ?? 'beans', //                                     Transformers", whose figures these are
    epochs: whole('epochs', values.epochs ?? '4', 1),
    ...(maxSteps === undefined ? {} : { maxSteps: whole('max-steps', maxSteps, 1) }),
    batchSize: whole('batch-size', values['batch-size'] ?? '16', 1),
    learningRate: positive('learning-rate', values['learning-rate'] ?? '2e-4'),
    seed: whole('seed', values.seed ?? '42', 0),
    engine,
    ...(pushToHub === undefined ? {} : { pushToHub }),
    out: isAbsolute(out) ? out : resolve(cwd, out),
    resume: values.resume ?? false,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        backbone: text,
        data: text,
        epochs: text,
        'max-steps': text,
        'batch-size': text,
        'learning-rate': text,
        seed: text,
        engine: text,
        'push-to-hub': text,
        out: text,
        resume: flag,
        help: flag,
      },
    });
  } catch (error) {
    return fail((error as Error).message.replace(/\.\s.*/s, ''));
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  return fail(`--${name} must be an integer >= ${least}, got '${text}'`);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  return fail(`--${name} must be > 0, got '${text}'`);
}

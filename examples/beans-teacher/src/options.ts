import { resolve } from 'node:path';
import { KdError } from '@kd/core';
import { readOptions } from '@kd/core/node';

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

/** @returns undefined where help is wanted */
export function parseOptions(args: readonly string[], cwd: string): Options | undefined {
  const { help, out = 'runs/beans-teacher', ...given } = read(args);
  return help ? undefined : { ...DEFAULTS, ...given, out: resolve(cwd, out) };
}

// Those of "Fine-Tune ViT for Image Classification with Transformers".
const DEFAULTS = {
  backbone: 'google/vit-base-patch16-224-in21k',
  data: 'beans',
  epochs: 4,
  batchSize: 16,
  learningRate: 2e-4,
  seed: 42,
  engine: 'onnx',
  resume: false,
} as const;

function read(args: readonly string[]) {
  try {
    return readOptions(args, {
      backbone: { type: 'text' },
      data: { type: 'text' },
      epochs: { type: 'integer', min: 1 },
      'max-steps': { type: 'integer', min: 1 },
      'batch-size': { type: 'integer', min: 1 },
      'learning-rate': { type: 'number', above: 0 },
      seed: { type: 'integer', min: 0 },
      engine: { type: 'choice', of: ['onnx', 'tfjs'] },
      'push-to-hub': { type: 'text' },
      out: { type: 'text' },
      resume: { type: 'flag' },
      help: { type: 'flag' },
    });
  } catch (error) {
    if (!KdError.isInstance(error)) throw error;
    throw new KdError(error.code, `${error.message}. See npm start -- --help`);
  }
}

import { mlp, mobileNetV2, resnet18, resnet50, vitBase16, vitTiny16 } from '@kd/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

const thousand = Array.from({ length: 1000 }, (_, i) => `class ${i}`);

/** What is compared, by name: the same networks in `torch_infer.py`. */
export const MODELS = {
  mlp: () => mlp({ hiddenSizes: [1200, 1200], classNames: thousand.slice(0, 10) }),
  resnet18: () => resnet18({ classNames: thousand }),
  resnet50: () => resnet50({ classNames: thousand }),
  mobilenetv2: () => mobileNetV2({ classNames: thousand }),
  'vit-tiny': () => vitTiny16({ classNames: thousand }),
  'vit-base': () => vitBase16({ classNames: thousand }),
} satisfies Record<string, () => LayersModel>;

export type ModelName = keyof typeof MODELS;

export const MODEL_NAMES = Object.keys(MODELS) as ModelName[];

import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ResnetOptions } from './config.ts';
import { resnet } from './resnet.ts';

const BASIC = { layerType: 'basic', hiddenSizes: [64, 128, 256, 512] } as const;
const BOTTLENECK = { layerType: 'bottleneck', hiddenSizes: [256, 512, 1024, 2048] } as const;

/**
 * ResNet-18, as `microsoft/resnet-18`: 11 689 512 parameters with 1000 classes.
 *
 * @example
 * import { countParameters, resnet18 } from '@kd/models';
 * const classNames = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
 * console.log(countParameters(resnet18({ classNames, seed: 42 }))); // 11689512
 */
export const resnet18 = (options: ResnetOptions): LayersModel => resnet({ ...BASIC, depths: [2, 2, 2, 2], ...options });

/** ResNet-34, as `microsoft/resnet-34`: 21 797 672 parameters with 1000 classes. */
export const resnet34 = (options: ResnetOptions): LayersModel => resnet({ ...BASIC, depths: [3, 4, 6, 3], ...options });

/** ResNet-50, as `microsoft/resnet-50`: 25 557 032 parameters with 1000 classes. */
export const resnet50 = (options: ResnetOptions): LayersModel =>
  resnet({ ...BOTTLENECK, depths: [3, 4, 6, 3], ...options });

/** ResNet-101, as `microsoft/resnet-101`: 44 549 160 parameters with 1000 classes. */
export const resnet101 = (options: ResnetOptions): LayersModel =>
  resnet({ ...BOTTLENECK, depths: [3, 4, 23, 3], ...options });

/** ResNet-152, as `microsoft/resnet-152`: 60 192 808 parameters with 1000 classes. */
export const resnet152 = (options: ResnetOptions): LayersModel =>
  resnet({ ...BOTTLENECK, depths: [3, 8, 36, 3], ...options });

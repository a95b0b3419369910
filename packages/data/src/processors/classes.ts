import type { Size } from './settings.ts';

/** What a class of Hugging Face does where its configuration says nothing. */
export interface ProcessorClass {
  size: Size;
  /** What an integer `size` of an old configuration means. */
  integerSize: 'square' | 'shortest';
  /** Forms of `size` that the class knows. */
  sizes: readonly ('exact' | 'shortest')[];
  resample: number;
  /** Side of the centre crop; absent for classes without one. */
  crop?: number;
  /** ConvNeXT's way: resize the short edge to size / crop_pct and crop, from 384 on resize to the square. */
  cropFraction?: number;
  mean: readonly number[];
  std: readonly number[];
}

const HALF = [0.5, 0.5, 0.5] as const;
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;
const BILINEAR = 2;
const BICUBIC = 3;

const MOBILENET: ProcessorClass = {
  size: { shortest_edge: 256 },
  integerSize: 'shortest',
  sizes: ['exact', 'shortest'],
  resample: BILINEAR,
  crop: 224,
  mean: HALF,
  std: HALF,
};

const CLIP: ProcessorClass = {
  ...MOBILENET,
  size: { shortest_edge: 224 },
  resample: BICUBIC,
  mean: CLIP_MEAN,
  std: CLIP_STD,
};

/** The image processors of transformers 4.57 that are of these few kinds, by the name of the class. */
export const CLASSES: Readonly<Record<string, ProcessorClass>> = {
  ViTImageProcessor: {
    size: { height: 224, width: 224 },
    integerSize: 'square',
    sizes: ['exact'],
    resample: BILINEAR,
    mean: HALF,
    std: HALF,
  },
  DeiTImageProcessor: {
    size: { height: 256, width: 256 },
    integerSize: 'square',
    sizes: ['exact'],
    resample: BICUBIC,
    crop: 224,
    mean: HALF,
    std: HALF,
  },
  ConvNextImageProcessor: {
    size: { shortest_edge: 384 },
    integerSize: 'shortest',
    sizes: ['shortest'],
    resample: BILINEAR,
    cropFraction: 224 / 256,
    mean: HALF,
    std: HALF,
  },
  MobileNetV1ImageProcessor: MOBILENET,
  MobileNetV2ImageProcessor: MOBILENET,
  BitImageProcessor: CLIP,
  CLIPImageProcessor: CLIP,
};

/** The class for a model whose `preprocessor_config.json` names none, by `model_type` of its `config.json`. */
export const CLASS_OF_MODEL: Readonly<Record<string, string>> = {
  bit: 'BitImageProcessor',
  clip: 'CLIPImageProcessor',
  convnext: 'ConvNextImageProcessor',
  convnextv2: 'ConvNextImageProcessor',
  cvt: 'ConvNextImageProcessor',
  deit: 'DeiTImageProcessor',
  dinat: 'ViTImageProcessor',
  dinov2: 'BitImageProcessor',
  focalnet: 'BitImageProcessor',
  hiera: 'BitImageProcessor',
  mobilenet_v1: 'MobileNetV1ImageProcessor',
  mobilenet_v2: 'MobileNetV2ImageProcessor',
  nat: 'ViTImageProcessor',
  regnet: 'ConvNextImageProcessor',
  resnet: 'ConvNextImageProcessor',
  swiftformer: 'ViTImageProcessor',
  swin: 'ViTImageProcessor',
  swinv2: 'ViTImageProcessor',
  van: 'ConvNextImageProcessor',
  vit: 'ViTImageProcessor',
  vit_mae: 'ViTImageProcessor',
  vit_msn: 'ViTImageProcessor',
};

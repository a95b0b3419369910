import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EncoderOptions } from './config.ts';
import { type DeitOptions, deit } from './deit.ts';
import { vit } from './vit.ts';

const TINY = { hiddenSize: 192, numAttentionHeads: 3, intermediateSize: 768 };
const SMALL = { hiddenSize: 384, numAttentionHeads: 6, intermediateSize: 1536 };
const BASE = { hiddenSize: 768, numAttentionHeads: 12, intermediateSize: 3072 };
const LARGE = { hiddenSize: 1024, numAttentionHeads: 16, intermediateSize: 4096, numHiddenLayers: 24 };

/**
 * ViT-Tiny with patches of 16 pixels: 5 717 416 parameters with 1000 classes.
 *
 * @example
 * import { vitTiny16 } from '@kd/models';
 * const classNames = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
 * console.log(vitTiny16({ classNames, seed: 42 }).countParams()); // 5717416
 */
export const vitTiny16 = (options: EncoderOptions): LayersModel => vit({ ...TINY, ...options });

/** ViT-Small with patches of 16 pixels: 22 050 664 parameters with 1000 classes. */
export const vitSmall16 = (options: EncoderOptions): LayersModel => vit({ ...SMALL, ...options });

/** ViT-Base with patches of 16 pixels, as `google/vit-base-patch16-224`: 86 567 656 parameters with 1000 classes. */
export const vitBase16 = (options: EncoderOptions): LayersModel => vit({ ...BASE, ...options });

/** ViT-Base with patches of 32 pixels: 88 224 232 parameters with 1000 classes. */
export const vitBase32 = (options: EncoderOptions): LayersModel => vit({ ...BASE, patchSize: 32, ...options });

/** ViT-Large with patches of 16 pixels: 304 326 632 parameters with 1000 classes. */
export const vitLarge16 = (options: EncoderOptions): LayersModel => vit({ ...LARGE, ...options });

/**
 * DeiT-Ti without a distillation token, as `facebook/deit-tiny-patch16-224`, which is a ViT in Hugging Face's classes
 * too: 5 717 416 parameters with 1000 classes.
 */
export const deitTiny16 = (options: EncoderOptions): LayersModel => vitTiny16(options);

/** DeiT-S without a distillation token: 22 050 664 parameters with 1000 classes. */
export const deitSmall16 = (options: EncoderOptions): LayersModel => vitSmall16(options);

/** DeiT-B without a distillation token: 86 567 656 parameters with 1000 classes. */
export const deitBase16 = (options: EncoderOptions): LayersModel => vitBase16(options);

/**
 * DeiT-Ti with its distillation token, as `facebook/deit-tiny-distilled-patch16-224`: 5 910 800 parameters with two
 * heads of 1000 classes, 5 717 800 with one (`distillationHead: false`).
 */
export const deitTinyDistilled16 = (options: DeitOptions): LayersModel => deit({ ...TINY, ...options });

/** DeiT-S with its distillation token: 22 436 432 parameters with two heads of 1000 classes. */
export const deitSmallDistilled16 = (options: DeitOptions): LayersModel => deit({ ...SMALL, ...options });

/** DeiT-B with its distillation token: 87 338 192 parameters with two heads of 1000 classes. */
export const deitBaseDistilled16 = (options: DeitOptions): LayersModel => deit({ ...BASE, ...options });

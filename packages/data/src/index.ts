export type { ArrayDatasetOptions } from './array-dataset.ts';
export { arrayDataset } from './array-dataset.ts';
export type {
  Augmentation,
  AugmentationAddress,
  AugmentationOptions,
  AugmentationStep,
  ViewAddress,
} from './augment/augmentation.ts';
export { applyAugmentation, augmentation } from './augment/augmentation.ts';
export type { ColorJitterStep } from './augment/steps/color-jitter.ts';
export type { FlipStep } from './augment/steps/flip.ts';
export type { JitterStep } from './augment/steps/jitter.ts';
export type { RandAugmentStep } from './augment/steps/rand-augment.ts';
export type { RandomErasingStep } from './augment/steps/random-erasing.ts';
export type { RandomResizedCropStep } from './augment/steps/random-resized-crop.ts';
export type { ResizeCropStep } from './augment/steps/resize-crop.ts';
export type { CifarArrays, ParseCifarOptions } from './cifar.ts';
export { CIFAR10_CLASSES, parseCifar } from './cifar.ts';
export type { ConcatDatasetsOptions } from './concat-datasets.ts';
export { concatDatasets } from './concat-datasets.ts';
export type { DataLoaderOptions, ImageLoader } from './data-loader.ts';
export { dataLoader } from './data-loader.ts';
export type { AnyDataset, SameKind } from './dataset-kinds.ts';
export { decodeImageInBrowser } from './decode/decode-image-in-browser.ts';
export type { DecodeImageOptions } from './decode/decode-options.ts';
export type { ImageFormat, ImageHeader } from './decode/image-header.ts';
export { imageHeader } from './decode/image-header.ts';
export type { EncodedDatasetOptions } from './encoded-dataset.ts';
export { encodedDataset } from './encoded-dataset.ts';
export { FASHION_MNIST_CLASSES } from './fashion-mnist.ts';
export { filterClasses, omitClasses } from './filter-classes.ts';
export type { IdxArray, ParseIdxOptions } from './idx.ts';
export { parseIdx } from './idx.ts';
export type { CutMixOptions } from './loader/cut-mix.ts';
export { cutMix } from './loader/cut-mix.ts';
export type { DecodeImage } from './loader/encoded-source.ts';
export type { BatchAddress, BatchTransform } from './loader/mixing.ts';
export type { MixupOptions } from './loader/mixup.ts';
export { mixup } from './loader/mixup.ts';
export { randomChoice } from './loader/random-choice.ts';
export type { Sampler } from './loader/sampler.ts';
export type { SkippedSample } from './loader/skipped.ts';
export type { MapLabelsOptions } from './map-labels.ts';
export { mapLabels } from './map-labels.ts';
export { meanAndStd } from './mean-and-std.ts';
export type { Normalization } from './normalization.ts';
export { MNIST_NORMALIZATION } from './normalization.ts';
export { createProcessor } from './processors/create-processor.ts';
export type { ImageProcessor } from './processors/image-processor.ts';
export type { ProcessImagesOptions } from './processors/process-images.ts';
export { processImages } from './processors/process-images.ts';
export { processorForSize } from './processors/processor-for-size.ts';
export type { ProcessorConfig } from './processors/settings.ts';
export type { RandomSplitOptions } from './random-split.ts';
export { randomSplit } from './random-split.ts';
export type { ResampleFilter } from './resample/filters.ts';
export type { ResizeImageOptions } from './resample/resize-image.ts';
export { resizeImage } from './resample/resize-image.ts';
export { stratifiedSplit } from './stratified-split.ts';
export type { EncodedSample, StreamSamplesOptions } from './stream-samples.ts';
export { streamSamples } from './stream-samples.ts';
export { subset } from './subset.ts';
export type { TrainValidationTest, TrainValidationTestOptions } from './train-validation-test.ts';
export { trainValidationTest } from './train-validation-test.ts';

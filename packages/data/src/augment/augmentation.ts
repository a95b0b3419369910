import { type ImageArray, KdError, numericIds, randomSource } from '@kd/core';
import { checkInteger, checkSeed } from '../checks.ts';
import { rebuildable } from '../rebuildable.ts';
import { checkUint8Image, type Uint8Image } from './pixels/uint8-image.ts';
import { type ColorJitterStep, colorJitter } from './steps/color-jitter.ts';
import { type FlipStep, horizontalFlip, verticalFlip } from './steps/flip.ts';
import { type JitterStep, jitter } from './steps/jitter.ts';
import { type RandAugmentStep, randAugment } from './steps/rand-augment.ts';
import { type RandomErasingStep, randomErasing } from './steps/random-erasing.ts';
import { type RandomResizedCropStep, randomResizedCrop } from './steps/random-resized-crop.ts';
import { type ResizeCropStep, resizeCrop } from './steps/resize-crop.ts';
import type { StepKind } from './steps/step-kind.ts';

/** One step of a pipeline: a type and its options, JSON. */
export type AugmentationStep =
  | RandomResizedCropStep
  | ResizeCropStep
  | FlipStep
  | ColorJitterStep
  | RandAugmentStep
  | RandomErasingStep
  | JitterStep;

/** Which showing of a sample: equal addresses give equal pixels. */
export interface AugmentationAddress {
  /** Integer in [0, 2^53). */
  seed: number;
  /** From 0. */
  epoch: number;
  /** The sample's id. */
  id: number | string;
}

/** What changes images on their way to the network, the same way for the same seed, epoch and id. */
export interface Augmentation {
  /** All there is to know of it, JSON: equal for pipelines that do the same. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Whether the pixels of a view depend on the seed; if not, views of different seeds are the same views. */
  readonly seeded: boolean;
  /** Whether it brings images of any size to one size at once, so that they need not be resized before. */
  readonly takesAnySize: boolean;
  /** Height, width, channels of what it makes from images of this shape. */
  outputShape(shape: readonly [number, number, number]): readonly [number, number, number];
  /** How many views there are of a sample: Infinity where each epoch shows a new one. Left out, that is not known. */
  readonly viewCount?: number;
  /** The number of the view that an epoch shows of a sample. */
  view(address: AugmentationAddress): number;
  /**
   * A view of an image. May return the image itself; does not write to it.
   *
   * With `redraw` it is the same view for a network that takes images of another size: drawn as for an image of shape
   * `from`, and made in height and width `to`.
   */
  applyView(image: ImageArray, where: ViewAddress): ImageArray;
}

/** Which view of a sample, and for whom. */
export interface ViewAddress {
  seed: number;
  view: number;
  id: number | string;
  redraw?: { readonly from: readonly number[]; readonly to: readonly [number, number] };
}

export interface AugmentationOptions {
  /**
   * How many views there are of each sample: epoch e shows number `e mod views`. So each comes equally often, and after as
   * many epochs a teacher's cache has all of its answers; drawn at random, some would come late or never. Left out, every
   * epoch shows a new one, and the teacher is asked about each.
   */
  views?: number;
}

// The kinds differ in their options; each is called with its own.
type AnyKind = StepKind<AugmentationStep, AugmentationStep>;

const KINDS: Readonly<Record<string, AnyKind>> = Object.fromEntries(
  Object.entries({
    randomResizedCrop,
    resizeCrop,
    horizontalFlip,
    verticalFlip,
    colorJitter,
    randAugment,
    randomErasing,
    jitter,
  } satisfies Record<AugmentationStep['type'], unknown>).map(([name, kind]) => [name, kind as unknown as AnyKind]),
);

function resolveStep(step: AugmentationStep, index: number): { kind: AnyKind; options: AugmentationStep } {
  const kind = Object.hasOwn(KINDS, step.type) ? KINDS[step.type]! : undefined;
  if (!kind) {
    const known = Object.keys(KINDS).join(', ');
    throw new KdError(
      'INVALID_ARGUMENT',
      `augmentation: step ${index} is of type '${step.type}', which is none of ${known}`,
      {
        step,
        index,
      },
    );
  }
  const where = `augmentation: step ${index} (${step.type})`;
  const options = kind.resolve(where, step);
  const unknown = Object.keys(step).find((name) => !Object.hasOwn(options, name));
  if (unknown !== undefined) {
    const known = Object.keys(options).join(', ');
    throw new KdError('INVALID_ARGUMENT', `${where}: there is no option '${unknown}', only ${known}`, { step, index });
  }
  return { kind, options };
}

/**
 * A pipeline of random changes to images, described by JSON and replayed exactly.
 *
 * Every step draws its random numbers at (seed, view, id, its place in the pipeline), so a sample looks the same
 * whatever was drawn before, in any batch, on any worker, and `augmentation(JSON.parse(…).steps)` does the same again.
 *
 * | step | what it does, and its options |
 * |---|---|
 * | `randomResizedCrop` | a random box brought to `size`; `scale`, `ratio`, `resample` |
 * | `resizeCrop` | shorter side to `shortestEdge`, then `size` from the centre or anywhere (`place`); `resample` |
 * | `horizontalFlip`, `verticalFlip` | with `probability` |
 * | `colorJitter` | `brightness`, `contrast`, `saturation`, `hue`, in random order |
 * | `randAugment` | `operations` out of 14 at `magnitude` of `bins` |
 * | `randomErasing` | a box painted over, with `probability`; `scale`, `ratio`, `fill` |
 * | `jitter` | moved by up to `pixels` each way |
 *
 * Images are uint8 [height, width, 1 or 3]. Normalising comes later, in the loader or the engine. A pipeline that starts
 * with one of the crops is given images as they were decoded, all others as the processor has resized them.
 *
 * @param steps applied in this order
 * @throws {KdError} INVALID_ARGUMENT for a step or an option that does not exist or is out of range
 *
 * Reference: torchvision 0.26 (`transforms.functional` of uint8 tensors; `RandAugment`, `ColorJitter`, `RandomErasing`,
 * `RandomResizedCrop`), compared bit for bit; Szegedy et al. 2014, "Going Deeper with Convolutions" (crops); Cubuk et
 * al. 2019, "RandAugment"; Zhong et al. 2017, "Random Erasing Data Augmentation".
 *
 * @example
 * import { applyAugmentation, augmentation } from '@kd/data';
 * const augment = augmentation([{ type: 'randomResizedCrop', size: 4 }, { type: 'horizontalFlip' }], { views: 8 });
 * const image = { data: new Uint8Array(300), shape: [10, 10, 3] };
 * console.log(applyAugmentation(augment, image, { seed: 42, epoch: 3, id: 'leaf.jpg' }).shape); // [ 4, 4, 3 ]
 */
export function augmentation(steps: readonly AugmentationStep[], { views }: AugmentationOptions = {}): Augmentation {
  if (views !== undefined) checkInteger('augmentation', 'views', views, 1, 2 ** 32);
  const resolved = steps.map(resolveStep);
  const size = resolved.flatMap(({ kind, options }) => (kind.size ? [kind.size(options)] : [])).at(-1);

  const pipeline: Augmentation = {
    config: { steps: resolved.map(({ options }) => options), ...(views !== undefined && { views }) },
    seeded: true,
    takesAnySize: resolved[0]?.kind.size !== undefined,
    outputShape: ([height, width, channels]) => [size?.[0] ?? height, size?.[1] ?? width, channels],
    viewCount: views ?? Number.POSITIVE_INFINITY,
    view: ({ epoch }) => (views === undefined ? epoch : epoch % views),
    applyView(image, { seed, view, id, redraw }) {
      checkUint8Image('augmentation', image);
      let from = redraw?.from as [number, number, number] | undefined;
      const drawnSize = from && pipeline.outputShape(from);
      const ratio = drawnSize && ([redraw!.to[0] / drawnSize[0], redraw!.to[1] / drawnSize[1]] as const);
      return resolved.reduce<Uint8Image>((augmented, { kind, options }, index) => {
        const stream = `augmentation ${index} ${options.type}`;
        const random = randomSource({ seed, stream, epoch: view, id: numberOf(id) });
        const next = kind.apply(augmented, options, random, from && { shape: from, ratio: ratio! });
        if (from && kind.size) from = [...kind.size(options), from[2]];
        return next;
      }, image);
    },
  };
  return rebuildable(pipeline);
}

const numberOf = (id: number | string): number => (typeof id === 'number' ? id : numericIds([id])[0]!);

/**
 * One image as an epoch shows it.
 *
 * @param image uint8 [height, width, channels]; not written to
 * @returns uint8 [height, width, channels], of the pipeline's size if it has one
 * @throws {KdError} INVALID_ARGUMENT for a seed or an epoch out of range; SHAPE_MISMATCH or INVALID_DATA for what is no
 *   such image
 *
 * @example
 * import { applyAugmentation, augmentation } from '@kd/data';
 * const augment = augmentation([{ type: 'horizontalFlip', probability: 1 }]);
 * const image = { data: Uint8Array.of(1, 2, 3), shape: [1, 3, 1] };
 * console.log(applyAugmentation(augment, image, { seed: 42, epoch: 0, id: 7 }).data); // Uint8Array(3) [ 3, 2, 1 ]
 */
export function applyAugmentation(augment: Augmentation, image: ImageArray, address: AugmentationAddress): ImageArray {
  checkSeed('applyAugmentation', address.seed);
  checkInteger('applyAugmentation', 'epoch', address.epoch, 0, 2 ** 32);
  return augment.applyView(image, { ...address, view: augment.view(address) });
}

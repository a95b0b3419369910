/** Pixels of one or more images: NHWC for a batch, HWC for one image. */
export interface ImageArray {
  data: Float32Array | Uint8Array;
  shape: readonly number[];
}

/** How pixels become numbers around 0: `(pixel / 255 - mean) / std`, per channel. */
export interface PixelNormalization {
  /** Of pixels in [0, 1], one for each channel. */
  readonly mean: readonly number[];
  /** > 0, one for each channel. */
  readonly std: readonly number[];
}

/** Images as a teacher takes them, where it wants another size or normalisation than the student. */
export interface TeacherImages extends ImageArray {
  /** What uint8 images still need. Absent where they are ready. */
  readonly normalization?: PixelNormalization;
  /** What the batch's ids and views speak of when a teacher answers: the dataset's fingerprint and this preparation. */
  readonly source?: string;
}

/** One batch on its way to the trainer. Typed arrays only: workers can send it, and nothing leaks. */
export interface Batch {
  /** One name for each sample; the same sample has the same id in every epoch. */
  ids: Uint32Array | readonly string[];
  images: ImageArray;
  /** What uint8 images still need; the engine applies it. Absent where they are ready. */
  normalization?: PixelNormalization;
  /** Class of each sample; absent for unlabelled data, and where samples are mixed and have `targets`. */
  labels?: Int32Array;
  /** Share of each class in each sample, float32 [batch, classes], row-major: what mixup and CutMix make of the labels. */
  targets?: Float32Array;
  /**
   * Which view of each sample this is: samples with equal source, id and view have equal pixels.
   * Absent where every epoch shows the same pixels.
   */
  views?: Uint32Array;
  /**
   * What the ids and views speak of: the dataset's fingerprint and how it is prepared. Without it nothing may be
   * remembered about the samples, since another dataset has the same ids.
   */
  source?: string;
  /** The same views of the same samples for the teacher: there if it takes them otherwise. `teacherView` takes them up. */
  teacherImages?: TeacherImages;
  /**
   * These images come once: each sample is augmented anew in every epoch, or mixed with others. What a teacher says about
   * them is not worth remembering.
   */
  fresh?: boolean;
}

/** Images that can be read in any order. */
export interface ImageDataset {
  readonly length: number;
  /** Height, width, channels of every image. */
  readonly imageShape: readonly [number, number, number];
  readonly classNames: readonly string[];
  /** SHA-256 of the content: what a cache belongs to. */
  fingerprint(): Promise<string>;
  get(index: number): { id: number | string; image: ImageArray; label?: number };
}

/** Images as they are stored, decoded when asked for; their sizes may differ. */
export interface EncodedDataset {
  readonly length: number;
  readonly classNames: readonly string[];
  /** SHA-256 of the content: what a cache belongs to. */
  fingerprint(): Promise<string>;
  /** Without reading the image. */
  info(index: number): { id: string; label?: number };
  /** The encoded bytes (JPEG, PNG …) or, for raw sets, never used. */
  read(index: number): Promise<Uint8Array>;
}

/** Batches of one dataset. Iterating gives epoch 0; `epoch(n)` gives any epoch, always the same batches for the same n. */
export interface DataLoader extends AsyncIterable<Batch> {
  /** Batches in an epoch. */
  readonly length: number;
  /** Samples in an epoch. */
  readonly sampleCount: number;
  readonly batchSize: number;
  readonly classNames: readonly string[];
  /** What its epochs hold: data, preparation, order. Loaders with equal fingerprints give equal batches. */
  fingerprint(): Promise<string>;
  /** @param fromBatch where to start inside the epoch, to resume there. @default 0 */
  epoch(index: number, fromBatch?: number): AsyncIterable<Batch>;
}

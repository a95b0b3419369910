/** Pixels of one or more images: NHWC for a batch, HWC for one image. */
export interface ImageArray {
  data: Float32Array | Uint8Array;
  shape: readonly number[];
}

/** One batch on its way to the trainer. Typed arrays only: workers can send it, and nothing leaks. */
export interface Batch {
  /** One name for each sample; the same sample has the same id in every epoch. */
  ids: Uint32Array | readonly string[];
  images: ImageArray;
  /** Class of each sample; absent for unlabelled data. */
  labels?: Int32Array;
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

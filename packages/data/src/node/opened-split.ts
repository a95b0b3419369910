import type { EncodedDataset } from '@kd/core';

/** A dataset and what there is to say about where it comes from. */
export interface OpenedSplit {
  dataset: EncodedDataset;
  /** Type of each column by its name. */
  columns: Readonly<Record<string, string>>;
  /** Whether the source itself says which classes there are, and in which order; else they are those that occur. */
  namesClasses: boolean;
  /** Folders that would be classes if they had images. */
  emptyClasses?: readonly string[];
}

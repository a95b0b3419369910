import type * as tf from '@tensorflow/tfjs-core';

/** What the functions of windows.wat do with a row of a window, as numbered there. */
export const WINDOW = {
  toPatches: 0,
  fromPatches: 1,
  toInput: 2,
  toFilter: 3,
  toLargest: 4,
  toAverage: 5,
} as const;

export type Windows = tf.backend_util.Conv2DInfo;

/** Positions of all windows in the batch. */
export const positionsOf = ({ batchSize, outHeight, outWidth }: Windows): number => batchSize * outHeight * outWidth;

/** Addresses for windows.wat. */
export interface WindowsCall {
  what: (typeof WINDOW)[keyof typeof WINDOW];
  x: number;
  y: number;
  /** Or, for `toLargest`, room for one pixel. */
  filter?: number;
  /** For `toLargest`. */
  dx?: number;
  dy?: number;
  channels: number;
  /** Positions in the output, of the whole batch. @default all */
  first?: number;
  last?: number;
  /** Values from one position to the next in y. @default channels */
  yStep?: number;
}

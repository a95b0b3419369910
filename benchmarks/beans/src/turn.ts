/** Seconds that a part took, and the images that it had. */
interface Part {
  images: number;
  seconds: number;
}

/** One epoch of a turn. */
export interface Epoch {
  /** Training, without evaluation and checkpoint: the next three add up to it. */
  train: Part;
  /** Waiting for batches; ours has in it what else the loop does. */
  data: number;
  /** Asking the teacher. */
  teacher: number;
  /** Forward, backward and update; Python's has in it what else the loop does. */
  step: number;
  evaluation: Part;
  /** Writing the checkpoint. */
  save: number;
}

/** What a turn measured: the recipe on a part of the photographs, in a process of its own. Seconds. */
export interface Turn {
  /** From the process' start until it has data and models: imports, networks with drawn weights. */
  start: number;
  /** Preparing images once, before training. Absent where that is done in every epoch. */
  prepared?: Part;
  /** Asking the teacher once, where its answers are kept. Its forward passes alone. */
  labelled?: Part;
  /** The first is a warm-up. */
  epochs: Epoch[];
  /** What else there was before the first and after the last epoch: compiling, fingerprints, the best weights. */
  rest: number;
  /** Processor time, all threads together. */
  cpu: number;
  megabytes: number;
}

/** Of the recipe: what a turn's parts are scaled to. */
export const RECIPE = { train: 1034, validation: 133, batchSize: 8, epochs: 30 } as const;

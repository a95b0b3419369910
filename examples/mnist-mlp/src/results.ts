import type { EpochMetrics } from '@kd/train';
import type { Config } from './config.ts';

/** The networks of the recipe, in the order in which they are trained. */
export type NetworkKey = 'teacher' | 'scratch' | 'student';

/** One image for the report. */
export interface Picture {
  /** Index in the data set. */
  id: number;
  /** height * width, 0 to 255, row-major. */
  pixels: number[];
  /** The right class. */
  label: number;
}

/** What one network reached on the test images. */
export interface TestScore {
  errors: number;
  /** In [0, 1]. */
  accuracy: number;
  loss: number;
  images: number;
}

export interface NetworkResult {
  key: NetworkKey;
  /** For people: 'teacher 784-1200-1200-10'. */
  label: string;
  hiddenSizes: number[];
  parameters: number;
  history: EpochMetrics[];
  /** The epoch whose weights were kept; absent where the last ones are. */
  bestEpoch?: number;
  test: TestScore;
  /** Seconds of training, validation included. */
  trainSeconds: number;
  /** In training. */
  imagesPerSecond: number;
  /** Milliseconds for one image in inference, batch 500. */
  inferenceMsPerImage: number;
  /** Where the model was saved, relative to the run's folder. */
  folder: string;
  /** True if it was loaded from `--teacher` and not trained here. */
  loaded: boolean;
}

/** A student that never saw one digit, as in section 3 of the paper. */
export interface OmittedDigit {
  digit: number;
  /** Test errors, and how many of them on that digit. */
  errors: number;
  errorsOnDigit: number;
  /** What was added to that class's bias, chosen on validation images. */
  biasShift: number;
  errorsShifted: number;
  errorsOnDigitShifted: number;
}

/** One answer to an image. */
export interface Answer {
  prediction: number;
  /** Of the prediction, in [0, 1]. */
  probability: number;
}

/** Two networks on the same test images. */
export interface Comparison {
  a: NetworkKey;
  b: NetworkKey;
  /** Images that only the one gets right. */
  onlyA: number;
  onlyB: number;
  /** McNemar's exact test, two-sided. */
  pValue: number;
  /** What may be said of it. */
  sentence: string;
}

/** One seed's run. */
export interface SeedResults {
  seed: number;
  networks: NetworkResult[];
  omitted?: OmittedDigit;
  comparisons: Comparison[];
}

/** Everything that a run found, as `results.json` holds it and the report shows it. */
export interface RunResults {
  config: Config;
  /** The command that makes this run again. */
  command: string;
  startedAt: string;
  seconds: number;
  /** What ran the networks, in one line. */
  engine: string;
  backend: { name: string; summary: string };
  machine: { node: string; platform: string; cpu: string; cores: number };
  dataset: {
    name: string;
    classNames: string[];
    height: number;
    width: number;
    train: number;
    validation: number;
    test: number;
    /** As the notebook has it: the test images also select and schedule. */
    validationIsTest: boolean;
  };
  /** One or more; pictures and curves are those of the first. */
  seeds: SeedResults[];
  /** Four training images. */
  samples: Picture[];
  /** A training image that the teacher finds hard to tell, and its softened answers at T = 1, 5, 20. */
  softTargets: Picture & { answers: { temperature: number; probabilities: number[] }[] };
  /** Test images that teacher and distilled student see differently, at most 24 of `disagreementCount`. */
  disagreements: (Picture & { teacher: Answer; student: Answer })[];
  disagreementCount: number;
}

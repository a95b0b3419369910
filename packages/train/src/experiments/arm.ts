import type { Predictions } from '../loop/ask-loader.ts';
import type { EvaluateResult } from '../loop/evaluate.ts';

/** What makes an arm what it is, as JSON: rates, temperatures, names of data and teacher … */
export type ArmSettings = Readonly<Record<string, unknown>>;

/** One run that is to be done: an arm with a seed. */
export interface ArmContext<Settings = ArmSettings> {
  /** The arm's own, as it was declared. */
  settings: Settings;
  /** Of weights, order, dropout and whatever else is drawn. */
  seed: number;
  /** `<outputDir>/<arm>/seed-<n>`, for checkpoints and logs of this run alone. */
  outputDir: string;
  /** Aborted when the experiment is stopped; pass it to `train`. */
  signal: AbortSignal;
}

/** What a run gives: predictions, metrics, or both. */
export interface ArmResult {
  /**
   * Of `predictLogits` on the chosen split, in the same order in all runs. They are kept, give `eval_loss` and
   * `eval_accuracy`, and make paired tests over the images possible.
   */
  predictions?: Predictions;
  /** Figures by name, such as those of `evaluate`. */
  metrics?: Readonly<Record<string, number>> | EvaluateResult;
}

/** One of the ways of training that are compared. */
export interface Arm<Settings extends ArmSettings = ArmSettings> {
  /** A finished run is only taken again while these are the same. `run` gets them: so they say what was really done. */
  settings: Settings;
  run(context: ArmContext<Settings>): Promise<ArmResult>;
  /** What the table names as the row's command; `{seed}` stands for the seeds. @default the one of this process */
  command?: string;
}

/** One run that is done. */
export interface Cell {
  arm: string;
  seed: number;
  settings: ArmSettings;
  metrics: Readonly<Record<string, number>>;
  /** 1 for each sample that was answered right, else 0; there if predictions were. */
  hits?: Uint8Array;
  /** SHA-256 of the samples' ids and labels. */
  samples?: string;
  /** What it took; of a run that was interrupted at least its `train_runtime`, which counts every part. */
  seconds: number;
  /** Bytes of memory at the most, of the whole process. */
  peakMemory: number;
  /** Cores it kept busy on average. */
  cores: number;
}

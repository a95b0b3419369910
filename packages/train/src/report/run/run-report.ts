import type { Predictions } from '../../loop/ask-loader.ts';
import type { EpochMetrics, LogEntry, TrainResult } from '../../loop/train-result.ts';
import type { PngPixels } from '../png.ts';

/** A network to compare with: where accuracy is drawn against size and time. */
export interface ReportNetwork {
  name: string;
  /** On the validation images, in [0, 1]. */
  accuracy?: number;
  /** Cross-entropy on the validation images. */
  loss?: number;
  parameters?: number;
  /** Inference, in milliseconds. */
  msPerImage?: number;
}

/** Another run that this one should beat, such as the same network trained from labels alone. */
export interface ReportBaseline extends ReportNetwork {
  /** Its log: entries with `eval_loss` and the like by `epoch`, as `TrainResult.logHistory` has them. */
  history?: readonly LogEntry[];
  /** Its answers to the same validation images: for a test of the difference. */
  predictions?: Predictions;
}

/** What the networks answer to the validation images. */
export interface ReportAnswers extends Predictions {
  labels: Int32Array;
  /** Epochs that the trained network had done by then. */
  epoch: number;
  /** float32 [samples, classes]. */
  teacherLogits?: Float32Array;
}

/** A validation image by its place in the answers. */
export interface ReportPicture {
  row: number;
  pixels: PngPixels;
}

/** Everything that a page about one run shows. */
export interface RunReport {
  title: string;
  /** What the trained network is called: 'Student' if it has a teacher, else 'Model'. */
  studentName: string;
  startedAt: Date;
  writtenAt: Date;
  state: 'running' | TrainResult['stopped'];
  /** What stopped it, in words. */
  reason?: string;
  objective: string;
  engine: string;
  classNames: readonly string[];
  /** That were asked for. */
  epochs: number;
  samplesPerEpoch: number;
  /** Optimiser steps done. */
  step: number;
  /** One for each epoch done. */
  history: readonly EpochMetrics[];
  /** Entries with `eval_loss` and so on. */
  evaluations: readonly LogEntry[];
  /** Learning rates in the order of training, by epochs done. */
  rates: readonly { epoch: number; learningRate: number }[];
  /** Epochs done at the evaluation whose weights are kept. */
  keptEpoch?: number;
  /** Of the kept evaluation, else the last. */
  answers?: ReportAnswers;
  /** Why the teacher has no part in it, if there is one that has none. */
  teacherNote?: string;
  pictures: readonly ReportPicture[];
  student: ReportNetwork;
  teacher?: ReportNetwork;
  baseline?: ReportBaseline;
  networks: readonly ReportNetwork[];
  /** Shown as a table. */
  config?: Readonly<Record<string, unknown>>;
  /** Seconds, over all parts of a resumed run. */
  seconds: number;
  memory: {
    /** Most memory that the process ever had, in bytes. */
    peak?: number;
    /** Of TF.js. */
    tensors: number;
    tensorBytes: number;
  };
}

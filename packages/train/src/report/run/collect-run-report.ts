import { KdError, type PixelNormalization } from '@kd/core';
import { accuracy } from '@kd/metrics';
import * as tf from '@tensorflow/tfjs-core';
import type { Callback, TrainInfo } from '../../callbacks/callback.ts';
import type { Predictions } from '../../loop/ask-loader.ts';
import { scorePredictions } from '../../loop/score-predictions.ts';
import type { EpochMetrics, LogEntry, TrainResult } from '../../loop/train-result.ts';
import type { Teacher } from '../../teachers/teacher.ts';
import { isEvaluation } from './is-evaluation.ts';
import { createRateCurve } from './rate-curve.ts';
import { renderRunReport } from './render-run-report.ts';
import type { ReportAnswers, ReportBaseline, ReportNetwork, RunReport } from './run-report.ts';
import { createStudy, type Findings } from './study-answers.ts';

export interface RunReportOptions {
  /** @default 'Knowledge distillation' with a teacher, else 'Training' */
  title?: string;
  /** What the run was started with: a table of settings. */
  config?: Readonly<Record<string, unknown>>;
  /** Whose answers to the validation images are shown; false for nobody's. @default the objective's teacher */
  teacher?: Teacher | false;
  /** Another run to compare with. */
  baseline?: ReportBaseline;
  /** Other networks in the charts of accuracy against size and time. */
  networks?: readonly ReportNetwork[];
  /** Images at most of the worst errors, and of the disagreements; 0 reads none. An integer >= 0. @default 12 */
  pictures?: number;
  /**
   * What float32 images of the validation loader have been normalised by, to show their colours as they were. @default
   * none: they are stretched to the range of a screen
   */
  normalization?: PixelNormalization;
}

/** Watches a run and can tell all of it as a page at any time. */
export interface RunReportCollector extends Required<Pick<Callback, 'onTrainBegin' | 'onStepEnd' | 'onPredictions'>> {
  onEvaluate: NonNullable<Callback['onEvaluate']>;
  onEpochEnd(metrics: EpochMetrics): void;
  onTrainEnd(result: TrainResult): void;
  render(): Promise<string>;
}

/** What a network is worth, from its answers. */
function scores(
  logits: Float32Array,
  { labels, ids, classes }: Pick<ReportAnswers, 'labels' | 'ids' | 'classes'>,
): { accuracy: number; loss: number } {
  const { eval_loss } = scorePredictions({ logits, labels, ids, classes });
  return { accuracy: accuracy(logits, labels), loss: eval_loss };
}

/** A baseline with what its answers, or the end of its log, say of it. */
function scored(baseline: ReportBaseline): ReportBaseline {
  const { predictions, history } = baseline;
  const labels = predictions?.labels;
  const known = labels
    ? scores(predictions.logits, { ...predictions, labels })
    : fromLog(history?.filter(isEvaluation).at(-1));
  return { ...known, ...baseline };
}

/** @param peakMemory most bytes that the process ever had, where that can be known */
export function collectRunReport(options: RunReportOptions, peakMemory?: () => number): RunReportCollector {
  const { baseline, networks = [], pictures: pictureCount = 12, normalization, config } = options;
  if (!Number.isInteger(pictureCount) || pictureCount < 0) {
    throw new KdError('INVALID_ARGUMENT', `htmlReport: pictures must be an integer >= 0, got ${pictureCount}`, {
      pictures: pictureCount,
    });
  }
  const startedAt = new Date();
  const rates = createRateCurve();
  let info: TrainInfo | undefined;
  let teacher: Teacher | undefined;
  let study: ReturnType<typeof createStudy> | undefined;
  let history: EpochMetrics[] = [];
  let evaluations: LogEntry[] = [];
  let pending: Predictions | undefined;
  let keptEpoch: number | undefined;
  let step = 0;
  let secondsBefore = 0; // of epochs that an earlier part of the run has done
  let ended: TrainResult | undefined;

  function report(): RunReport {
    const { model, objective, engine, epochs, samplesPerEpoch, train } = info!;
    const findings: Findings = study?.findings() ?? { pictures: [] };
    const { answers, pictures, msPerImage, teacherNote, teacherMsPerImage } = findings;
    const hasTeacher = teacher !== undefined;
    const studentName = hasTeacher ? 'Student' : 'Model';
    const last = evaluations.at(-1);
    const { numTensors, numBytes } = tf.memory();
    return {
      title: options.title ?? (hasTeacher ? 'Knowledge distillation' : 'Training'),
      studentName,
      startedAt,
      writtenAt: new Date(),
      state: ended?.stopped ?? 'running',
      ...(ended?.reason === undefined ? {} : { reason: ended.reason }),
      objective,
      engine,
      classNames: train.classNames,
      epochs,
      samplesPerEpoch,
      step,
      history,
      evaluations,
      rates: rates.points(),
      ...(keptEpoch === undefined ? {} : { keptEpoch }),
      ...(answers ? { answers } : {}),
      ...(teacherNote === undefined ? {} : { teacherNote }),
      pictures,
      student: {
        name: studentName,
        ...(answers ? scores(answers.logits, answers) : last ? fromLog(last) : {}),
        parameters: model.countParams(),
        ...(msPerImage === undefined ? {} : { msPerImage }),
      },
      ...(teacher
        ? {
            teacher: {
              name: 'Teacher',
              ...(answers?.teacherLogits ? scores(answers.teacherLogits, answers) : {}),
              ...(teacher.parameters === undefined ? {} : { parameters: teacher.parameters }),
              ...(teacherMsPerImage === undefined ? {} : { msPerImage: teacherMsPerImage }),
            },
          }
        : {}),
      ...(baseline ? { baseline: scored(baseline) } : {}),
      networks,
      ...(config ? { config } : {}),
      seconds: ended?.train_runtime ?? secondsBefore + (Date.now() - startedAt.getTime()) / 1000,
      memory: { ...(peakMemory ? { peak: peakMemory() } : {}), tensors: numTensors, tensorBytes: numBytes },
    };
  }

  return {
    onTrainBegin(begun) {
      info = begun;
      teacher = options.teacher === false ? undefined : (options.teacher ?? begun.teacher);
      const { model, validation } = begun;
      if (validation) study = createStudy({ model, validation, teacher, pictureCount, normalization });
      history = [...begun.history];
      evaluations = begun.logHistory.filter(isEvaluation);
      step = begun.start.step;
      keptEpoch = history.filter(({ is_best }) => is_best).at(-1)?.epoch;
      secondsBefore = history.reduce((sum, { epoch_runtime }) => sum + epoch_runtime, 0);
      for (const { epoch, learning_rate } of history) rates.add({ epoch, learningRate: learning_rate });
    },
    onStepEnd({ epoch, batch, step: done, learningRate }) {
      step = done;
      rates.add({ epoch: epoch + batch / info!.batchesPerEpoch, learningRate });
    },
    onPredictions(predictions) {
      pending = predictions;
    },
    async onEvaluate(result, { epoch, step: at, isBest }) {
      evaluations.push({ ...result, epoch, step: at });
      if (isBest) keptEpoch = epoch;
      // The page shows the answers of the weights that are kept; those of others while it does not have them.
      const shown = study?.findings().answers?.epoch;
      if (pending && (isBest || keptEpoch === undefined || shown !== keptEpoch)) await study?.study(pending, epoch);
      pending = undefined;
    },
    onEpochEnd(metrics) {
      history.push(metrics);
    },
    onTrainEnd(result) {
      ended = result;
      if (result.best) keptEpoch = result.best.epoch;
    },
    render: () => renderRunReport(report(), pictureCount),
  };
}

function fromLog(entry: LogEntry | undefined): Pick<ReportNetwork, 'accuracy' | 'loss'> {
  const [eval_accuracy, eval_loss] = [entry?.eval_accuracy, entry?.eval_loss];
  return {
    ...(eval_accuracy === undefined ? {} : { accuracy: eval_accuracy }),
    ...(eval_loss === undefined ? {} : { loss: eval_loss }),
  };
}

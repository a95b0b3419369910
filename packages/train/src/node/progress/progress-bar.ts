import { KdError } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Callback, StepInfo, TrainInfo } from '../../callbacks/callback.ts';
import type { EpochMetrics, TrainResult } from '../../loop/train-result.ts';
import { formatBytes, formatClock, formatCount } from '../../report/format.ts';
import { barText, fitLine, type LinePart } from './fit-line.ts';
import { type ProgressStream, plainLines, terminalLine } from './status-line.ts';
import { endLine, epochLine, lossText, percentText } from './texts.ts';

export interface ProgressBarOptions {
  /** @default process.stderr */
  stream?: ProgressStream;
  /** Seconds between two lines where the stream is no terminal, >= 0. @default 10 */
  interval?: number;
  /** @default whether the stream is a terminal and NO_COLOR is not set */
  color?: boolean;
  /** The line that stays of an epoch; false for none. @default its metrics by their names */
  epochLine?: false | ((metrics: EpochMetrics, info: TrainInfo) => string);
  /** The line at the end; false for none. @default epochs, steps, time, samples per second, peak memory */
  endLine?: false | ((result: TrainResult, info: TrainInfo) => string);
}

const REDRAWN = 100; // ms: as often as one can read
const NARROWEST_BAR = 8;

const painter =
  (code: number, on: boolean) =>
  (text: string): string =>
    on ? `\x1b[${code}m${text}\x1b[0m` : text;

/** How many samples the teacher was really asked about so far, if it keeps count as a cache does. */
function askedOf({ teacher }: TrainInfo): number {
  return teacher && 'counts' in teacher ? ((teacher.counts as { asked?: number }).asked ?? 0) : 0;
}

/** `train_soft_loss` as 'soft_loss': what the objective is made of, behind its sum. */
function lossParts(running: StepInfo['running']): string {
  const { train_loss = Number.NaN, train_accuracy, ...parts } = running;
  const texts = Object.entries(parts).map(([name, value]) => `${name.slice('train_'.length)} ${lossText(value)}`);
  return texts.length > 0 ? `(${texts.join(', ')})` : '';
}

/**
 * Shows how far a run is: a bar for the epoch, samples a second, the time that is left for the whole run, the losses by
 * parts, accuracy, what the teacher was asked about, and memory (of the process, and TF.js' tensors); another bar while it
 * is evaluated; a line for each epoch, and one at the end.
 *
 * On a terminal one line is drawn over, as wide as there is room: what is less important is left out of a narrow one. What
 * anybody else prints appears above it, whole. Elsewhere (a file, a log of a CI job, TERM=dumb) it writes a plain line
 * every `interval` seconds.
 *
 * @throws {KdError} INVALID_ARGUMENT if interval is not a number >= 0
 *
 * @example
 * import { progressBar } from '@kd/train/node';
 * const callback = progressBar({ stream: process.stdout, interval: 60 });
 * console.log(typeof callback.onStepEnd); // function
 */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  const { stream = process.stderr, interval = 10 } = options;
  if (!(interval >= 0)) {
    throw new KdError('INVALID_ARGUMENT', `progressBar: interval must be a number of seconds >= 0, got ${interval}`, {
      interval,
    });
  }
  const terminal = stream.isTTY === true && process.env.TERM !== 'dumb';
  const color = options.color ?? (terminal && !process.env.NO_COLOR);
  const [green, dim] = [painter(32, color), painter(2, color)];
  const line = terminal ? terminalLine(stream) : plainLines(stream, interval);
  let info: TrainInfo | undefined;
  let drawn = -Infinity;
  let stepsThisEpoch = 0; // of this process
  let epochStart = 0; // moved on by the time that evaluations take
  let evaluationStart: number | undefined;
  let evaluationTime = 0; // ms of the last evaluation
  let askedBefore = 0; // when the epoch began

  /** Not more often than anybody can see. */
  function due(): boolean {
    const now = performance.now();
    if (terminal && now - drawn < REDRAWN) return false;
    drawn = now;
    return true;
  }

  function show(parts: readonly LinePart[]): void {
    line.show(fitLine(parts, terminal ? Math.max(10, (stream.columns || 80) - 1) : Infinity));
  }

  /** Nothing where there is no room, or nobody to see it grow. */
  function bar(share: number): LinePart {
    const width = Math.min(20, Math.floor((stream.columns || 80) / 6));
    return { text: !terminal || width < NARROWEST_BAR ? '' : barText(share, width), priority: 5, paint: green };
  }

  function endEvaluation(): void {
    if (evaluationStart === undefined) return;
    evaluationTime = performance.now() - evaluationStart;
    epochStart += evaluationTime;
    evaluationStart = undefined;
  }

  function showStep({ epoch, step, samples, samplesThisRun, running }: StepInfo, run: TrainInfo): void {
    const { samplesPerEpoch, epochs } = run;
    const seconds = (performance.now() - epochStart) / 1000;
    const share = samples / samplesPerEpoch;
    const left = ((run.steps - step) * seconds) / stepsThisEpoch + ((epochs - epoch) * evaluationTime) / 1000;
    const asked = askedOf(run) - askedBefore;
    const { numTensors, numBytes } = tf.memory();
    show([
      { text: `Epoch ${epoch + 1}/${epochs}`, priority: Infinity },
      bar(share),
      { text: `${Math.floor(100 * share)}%`, priority: 9 },
      { text: `${formatCount(samplesThisRun / seconds)} samples/s`, priority: 4 },
      { text: `ETA ${formatClock(left)}`, priority: 7 },
      { text: `loss ${lossText(running.train_loss ?? Number.NaN)}`, priority: 8 },
      { text: lossParts(running), priority: 2 },
      {
        text: running.train_accuracy === undefined ? '' : `accuracy ${percentText(running.train_accuracy)}`,
        priority: 6,
      },
      { text: asked > 0 ? `teacher asked ${formatCount(asked)}` : '', priority: 3 },
      { text: formatBytes(process.memoryUsage.rss()), priority: 1, paint: dim },
      { text: `${formatCount(numTensors)} tensors ${formatBytes(numBytes)}`, priority: 0, paint: dim },
    ]);
  }

  return {
    onTrainBegin(begun) {
      info = begun;
      epochStart = performance.now();
      askedBefore = askedOf(begun);
      const { epoch, batch, step } = begun.start;
      if (step > 0) line.print(`Resumed at epoch ${epoch + 1}, batch ${batch + 1}, after ${formatCount(step)} steps`);
    },
    onStepEnd(step) {
      stepsThisEpoch += 1;
      if (info && due()) showStep(step, info);
    },
    onEvaluateProgress(done, total) {
      evaluationStart ??= performance.now();
      if (!due()) return;
      show([
        { text: 'Validation', priority: Infinity },
        bar(done / total),
        { text: `${formatCount(done)}/${formatCount(total)}`, priority: 9 },
      ]);
    },
    onEvaluate: endEvaluation,
    onEpochEnd(metrics) {
      const { epochLine: lineOf = epochLine } = options;
      if (lineOf !== false) line.print(lineOf(metrics, info!));
      epochStart = performance.now();
      stepsThisEpoch = 0;
      askedBefore = askedOf(info!);
    },
    onTrainEnd(result) {
      const lineOf = options.endLine ?? (() => endLine(result, process.resourceUsage().maxRSS * 1024));
      if (lineOf !== false) line.print(lineOf(result, info!));
      line.close();
    },
  };
}

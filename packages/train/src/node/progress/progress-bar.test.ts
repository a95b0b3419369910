import { arrayDataset, dataLoader } from '@kd/data';
import { mlp } from '@kd/models';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Callback, StepInfo, TrainInfo } from '../../callbacks/callback.ts';
import type { EpochMetrics, TrainResult } from '../../loop/train-result.ts';
import { type FakeTerminal, fakeTerminal } from '../../testing/fake-terminal.ts';
import { progressBar } from './progress-bar.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.stubEnv('NO_COLOR', '');
  vi.stubEnv('TERM', 'xterm');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const dataset = arrayDataset({ images: { data: new Uint8Array(4), shape: [4, 1, 1] }, classNames: ['a', 'b'] });
const counts = { asked: 0, remembered: 0, replayed: 0 };
const info: TrainInfo = {
  objective: 'distillation',
  engine: 'tfjs cpu',
  epochs: 2,
  steps: 20,
  batchesPerEpoch: 10,
  samplesPerEpoch: 1000,
  start: { epoch: 0, batch: 0, step: 0 },
  model: mlp({ inputShape: [1, 1, 1], hiddenSizes: [], classNames: ['a', 'b'] }),
  train: dataLoader(dataset, { batchSize: 2 }),
  teacher: Object.assign({ counts }, { deterministic: true }) as unknown as NonNullable<TrainInfo['teacher']>,
  history: [],
  logHistory: [],
};

const stepInfo = (epoch: number, batch: number): StepInfo => ({
  epoch,
  batch,
  step: epoch * 10 + batch,
  samples: batch * 100,
  samplesThisRun: batch * 100,
  loss: 1,
  parts: {},
  running: { train_loss: 0.51234, train_accuracy: 0.9, train_soft_loss: 0.25, train_hard_loss: 0.75 },
  learningRate: 1e-3,
  skipped: false,
});

const metrics: EpochMetrics = {
  epoch: 1,
  step: 10,
  learning_rate: 0.001,
  train_loss: 0.5,
  train_accuracy: 0.91,
  eval_loss: 0.4,
  eval_accuracy: 0.93,
  eval_runtime: 2,
  epoch_runtime: 12,
  train_samples_per_second: 100,
  is_best: true,
  best_reloaded: false,
};

const result: TrainResult = {
  history: [],
  logHistory: [],
  steps: 20,
  epoch: 2,
  stopped: 'finished',
  best: { epoch: 1, step: 10, metric: 'eval_loss', value: 0.4 },
  train_loss: 0.5,
  train_runtime: 24,
  train_samples_per_second: 83.3,
  train_steps_per_second: 0.83,
  skipped_batches: 0,
};

const control = { stop: () => {} };

/** One epoch of ten steps of a second each, then a validation of two seconds. */
function epoch(bar: Callback, number: number, after: (batch: number) => void = () => {}): void {
  for (let batch = 1; batch <= 10; batch++) {
    vi.advanceTimersByTime(1000);
    bar.onStepEnd!(stepInfo(number, batch), control);
    after(batch);
  }
  for (const done of [0, 50, 100]) {
    bar.onEvaluateProgress!(done, 100);
    vi.advanceTimersByTime(1000);
  }
  bar.onEvaluate!(
    {} as never,
    { epoch: number + 1, step: 10 * (number + 1), isBest: true, bestReloaded: false },
    control,
  );
  bar.onEpochEnd!({ ...metrics, epoch: number + 1 }, control);
}

const isPlain = (stream: FakeTerminal): boolean =>
  !stream.written().includes('\r') && !stream.written().includes('\u001b');

it('shows rate, time left, losses by part, accuracy, memory, and takes all of it away', () => {
  const terminal = fakeTerminal({ columns: 200 });
  const bar = progressBar({ stream: terminal });
  bar.onTrainBegin!(info);
  epoch(bar, 0, (batch) => {
    if (batch !== 5) return;
    // 5 of 20 steps in 5 s; nothing is known of the validation yet.
    expect(terminal.screen().at(-1)).toMatch(
      /^Epoch 1\/2 {2}\[={10} {10}\] {2}50% {2}100 samples\/s {2}ETA 0:15 {2}loss 0\.5123 {2}\(soft_loss 0\.2500, hard_loss 0\.7500\) {2}accuracy 90\.00% {2}[\d.,]+ [MG]B {2}\d+ tensors [\d.,]+ \w+$/,
    );
  });
  epoch(bar, 1, (batch) => {
    // 5 steps of a second, and one validation of three.
    if (batch === 5) expect(terminal.screen().at(-1)).toContain('ETA 0:08');
  });
  bar.onTrainEnd!(result);
  const line = (number: number): string =>
    `Epoch ${number}/2  learning_rate 0.001000  train_loss 0.5000  train_accuracy 91.00%  eval_loss 0.4000  eval_accuracy 93.00%  0:12  best, kept`;
  const screen = terminal.screen();
  expect(screen.slice(0, 2)).toEqual([line(1), line(2)]);
  expect(screen[2]).toMatch(
    /^Trained 2 epochs, 20 steps in 0:24, 83 samples\/s; peak memory [\d.]+ [MG]B; the weights are those of epoch 1$/,
  );
  expect(screen.slice(3)).toEqual(['']);
});

it('says what the teacher was asked about in this epoch', () => {
  const terminal = fakeTerminal({ columns: 200 });
  const bar = progressBar({ stream: terminal });
  counts.asked = 40;
  bar.onTrainBegin!(info);
  epoch(bar, 0, (batch) => {
    counts.asked += 100;
    if (batch === 4) expect(terminal.screen().at(-1)).toContain('teacher asked 300  ');
  });
  epoch(bar, 1, () => expect(terminal.screen().at(-1)).not.toContain('teacher'));
});

it.each([100, 60, 40, 24, 12])('stays inside of %d columns', (columns) => {
  const terminal = fakeTerminal({ columns });
  const bar = progressBar({ stream: terminal });
  bar.onTrainBegin!(info);
  epoch(bar, 0, () => {
    const line = terminal.screen().at(-1)!;
    expect(line.length).toBeLessThan(columns);
    expect(line).toMatch(/^Epoch 1\/2/);
  });
});

it('writes plain lines, and no escape codes, where there is no terminal', () => {
  const file = fakeTerminal({ isTTY: false });
  const bar = progressBar({ stream: file, interval: 4 });
  bar.onTrainBegin!(info);
  epoch(bar, 0);
  bar.onTrainEnd!(result);
  const lines = file.written().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^Epoch 1\/2 {2}40% {2}100 samples\/s {2}ETA 0:16 {2}loss 0\.5123/),
    expect.stringMatching(/^Epoch 1\/2 {2}80% {2}100 samples\/s {2}ETA 0:12 {2}loss 0\.5123/),
    expect.stringMatching(/^Validation {2}100\/100$/),
    expect.stringMatching(/^Epoch 1\/2 {2}learning_rate/),
    expect.stringMatching(/^Trained 2 epochs/),
    '',
  ]);
  expect(isPlain(file)).toBe(true);
});

it.each([
  ['NO_COLOR is set', 'NO_COLOR', '1', {}, false],
  ['it is asked not to be', 'TERM', 'xterm', { color: false }, false],
  ['nothing speaks against it', 'TERM', 'xterm', {}, true],
])('is coloured or not when %s', (_, name, value, options, colored) => {
  vi.stubEnv(name, value);
  const terminal = fakeTerminal();
  const bar = progressBar({ stream: terminal, ...options });
  bar.onTrainBegin!(info);
  epoch(bar, 0);
  expect(terminal.written().includes('\u001b[32m')).toBe(colored);
});

it('takes a dumb terminal for none', () => {
  vi.stubEnv('TERM', 'dumb');
  const terminal = fakeTerminal();
  const bar = progressBar({ stream: terminal });
  bar.onTrainBegin!(info);
  epoch(bar, 0);
  expect(isPlain(terminal)).toBe(true);
});

it('draws at most ten times a second', () => {
  const terminal: FakeTerminal = fakeTerminal();
  const bar = progressBar({ stream: terminal, color: false });
  bar.onTrainBegin!(info);
  for (let i = 0; i < 1000; i++) {
    bar.onStepEnd!(stepInfo(0, 1), control);
    vi.advanceTimersByTime(1);
  }
  expect(terminal.written().split('\r').length - 1).toBe(10);
});

it('says where a resumed run goes on, and why one stopped', () => {
  const terminal = fakeTerminal({ columns: 200 });
  const bar = progressBar({ stream: terminal });
  bar.onTrainBegin!({ ...info, start: { epoch: 1, batch: 4, step: 14 } });
  bar.onTrainEnd!({ ...result, stopped: 'aborted', epoch: 1.5 });
  const { best: _, ...unselected } = result;
  progressBar({ stream: terminal }).onTrainEnd!({
    ...unselected,
    stopped: 'early',
    reason: 'eval_loss has not improved',
  });
  expect(terminal.screen()).toEqual([
    'Resumed at epoch 2, batch 5, after 14 steps',
    expect.stringMatching(/^Stopped after 1\.5 epochs, 20 steps/),
    expect.stringMatching(/^Ended early \(eval_loss has not improved\) after 2 epochs/),
    '',
  ]);
});

it('writes other lines, or none, if asked', () => {
  const file = fakeTerminal({ isTTY: false });
  const bar = progressBar({ stream: file, epochLine: ({ epoch }) => `* ${epoch}`, endLine: false });
  bar.onTrainBegin!(info);
  epoch(bar, 0);
  bar.onTrainEnd!(result);
  expect(
    file
      .written()
      .split('\n')
      .filter((line) => !/^(Epoch|Validation)/.test(line)),
  ).toEqual(['* 1', '']);
});

it('refuses an interval that is none', () => {
  expect(() => progressBar({ interval: -1 })).toThrow('progressBar: interval must be a number of seconds >= 0, got -1');
});

import { arrayDataset, dataLoader } from '@kd/data';
import { disagreedRows, worstRows } from '../run/chosen-rows.ts';
import { findPictures } from '../run/find-pictures.ts';
import type { ReportAnswers, RunReport } from '../run/run-report.ts';

export interface SampleOptions {
  epochs?: number;
  classes?: number;
  samples?: number;
  className?: (index: number) => string;
}

/** The same "random" numbers in [0, 1) each time. */
function generator(): () => number {
  let state = 7;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Logits that are right more often than not. */
function logitsFor(labels: Int32Array, classes: number, skill: number, random: () => number): Float32Array {
  return Float32Array.from({ length: labels.length * classes }, (_, i) => {
    const isLabel = labels[Math.floor(i / classes)] === i % classes;
    return 4 * random() + (isLabel ? skill : 0);
  });
}

/** Coloured gradients, 64 x 48: pictures that are no squares. */
function images(samples: number): { data: Uint8Array; shape: number[] } {
  const [height, width] = [48, 64];
  const data = Uint8Array.from({ length: samples * height * width * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width) % height];
    return (x * 3 + y * 2 + (i % 3) * 60 + Math.floor(i / (height * width * 3)) * 17) % 256;
  });
  return { data, shape: [samples, height, width, 3] };
}

/** What a run might have found: for tests of the page, and for looking at it. */
export async function sampleReport(options: SampleOptions = {}): Promise<RunReport> {
  const { epochs = 8, classes = 3, samples = 120, className = (i) => `class ${i}` } = options;
  const random = generator();
  const classNames = Array.from({ length: classes }, (_, i) => className(i));
  const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
  const dataset = arrayDataset({ images: images(samples), labels: [...labels], classNames });
  const answers: ReportAnswers = {
    labels,
    ids: [...labels.keys()],
    classes,
    epoch: epochs,
    logits: logitsFor(labels, classes, 1.5, random),
    teacherLogits: logitsFor(labels, classes, 2.5, random),
  };
  const rows = [...worstRows(answers, 12), ...disagreedRows(answers, 12).rows];
  const evaluations = Array.from({ length: epochs }, (_, i) => ({
    epoch: i + 1,
    step: (i + 1) * 50,
    eval_loss: 0.4 + 1 / (i + 1),
    eval_accuracy: 0.9 - 0.5 / (i + 1),
    eval_f1: 0.85 - 0.5 / (i + 1),
    eval_runtime: 0.2,
  }));
  return {
    title: 'Knowledge distillation on samples',
    studentName: 'Student',
    startedAt: new Date('2026-03-04T09:05:00Z'),
    writtenAt: new Date('2026-03-04T09:09:00Z'),
    state: 'finished',
    objective: 'distillation',
    engine: 'tfjs wasm',
    classNames,
    epochs,
    samplesPerEpoch: 1600,
    step: epochs * 50,
    history: evaluations.map((entry) => ({
      ...entry,
      learning_rate: 1e-3,
      train_loss: 3 / entry.epoch,
      train_soft_loss: 2.5 / entry.epoch,
      train_hard_loss: 0.3 + 0.9 / entry.epoch,
      train_accuracy: 0.95 - 0.5 / entry.epoch,
      epoch_runtime: 2,
      train_samples_per_second: 800,
      is_best: entry.epoch === epochs,
      best_reloaded: false,
    })),
    evaluations,
    rates: Array.from({ length: epochs * 50 }, (_, i) => ({
      epoch: (i + 1) / 50,
      learningRate: 5e-4 * (1 + Math.cos((Math.PI * i) / (epochs * 50))),
    })),
    keptEpoch: epochs,
    answers,
    pictures: await findPictures(dataLoader(dataset, { batchSize: 32 }), answers.ids, rows),
    student: { name: 'Student', accuracy: 0.74, loss: 0.7, parameters: 19_090, msPerImage: 0.21 },
    teacher: { name: 'Teacher', accuracy: 0.86, loss: 0.5, parameters: 235_146, msPerImage: 1.3 },
    baseline: {
      name: 'Labels alone',
      accuracy: 0.71,
      loss: 0.8,
      parameters: 19_090,
      history: evaluations.map((entry) => ({ ...entry, eval_loss: entry.eval_loss * 1.2 })),
      predictions: { labels, ids: answers.ids, classes, logits: logitsFor(labels, classes, 1.2, random) },
    },
    networks: [{ name: 'MobileNetV2', accuracy: 0.9, parameters: 2_260_546, msPerImage: 5 }],
    config: { temperature: 4, teacher: { hiddenSizes: [256, 128] }, outputDir: `runs/${'very-long-'.repeat(12)}name` },
    seconds: 240,
    memory: { peak: 4.1e8, tensors: 22, tensorBytes: 1.2e6 },
  };
}

import type { ImageDataset } from '@kd/core';
import { dataLoader, MNIST_NORMALIZATION } from '@kd/data';
import { ADAM_KERNEL } from '@kd/ops';
import { adam, cachedTeacher, classification, distillation, modelTeacher, type Objective } from '@kd/train';
import { adamCase } from './adam-case.ts';
import { type Backend, type Under, withoutKernel } from './backend.ts';
import type { Case } from './case.ts';
import { inferenceCase } from './inference-case.ts';
import type { Networks } from './networks.ts';
import { createStopwatch, timedTeacher } from './stopwatch.ts';
import { trainingCase } from './training-case.ts';

export interface CasesOptions {
  backend: Backend;
  networks: Networks;
  train: ImageDataset;
  test: ImageDataset;
  batchSize: number;
}

export const NAMES = {
  teacher: 'train teacher from labels',
  student: 'train student from labels',
  cached: 'distil, teacher cached',
  asked: 'distil, teacher asked',
  teacherStock: 'train teacher, stock kernels',
  studentStock: 'train student, stock kernels',
  adam: 'Adam on student, one kernel',
  adamDone: 'Adam on student, all is learnt',
  adamComposed: 'Adam on student, composed',
  inferTeacher: 'infer teacher',
  inferStudent: 'infer student',
  inferTeacherStock: 'infer teacher, stock kernels',
  inferStudentStock: 'infer student, stock kernels',
} as const;

/** So small that a processor takes tens of times as long for it, unless somebody makes it 0 (decision 20). */
const SLOW_GRADIENT = 1e-40;

/** All cases of one batch size; those that need what the backend does not have are left out. */
export function createCases({ backend, networks, train, test, batchSize }: CasesOptions): Case[] {
  const watch = createStopwatch();
  const loader = dataLoader(train, { batchSize, shuffle: true, dropLast: true, normalize: MNIST_NORMALIZATION });
  const taught = timedTeacher(modelTeacher(networks.taught), watch); // below the cache: answers from it are no question
  const [teacherAdam, studentAdam] = [adam(), adam()];
  const teacher = (name: string): Case =>
    trainingCase(name, {
      model: networks.teacher,
      objective: classification(),
      optimizer: teacherAdam,
      loader,
      watch,
    });
  const student = (name: string, objective: Objective): Case =>
    trainingCase(name, { model: networks.student, objective, optimizer: studentAdam, loader, watch });
  const infer = (name: string, network: keyof Networks): Case =>
    inferenceCase(name, networks[network], test, batchSize);

  const { stock } = backend;
  const composed = withoutKernel(ADAM_KERNEL);
  return [
    teacher(NAMES.teacher),
    student(NAMES.student, classification()),
    student(NAMES.cached, distillation({ teacher: cachedTeacher(taught), temperature: 20 })),
    student(NAMES.asked, distillation({ teacher: taught, temperature: 20 })),
    ...(stock ? [under(stock, teacher(NAMES.teacherStock))] : []),
    ...(stock ? [under(stock, student(NAMES.studentStock, classification()))] : []),
    ...(composed ? [adamCase(NAMES.adam, networks.student)] : []),
    ...(composed ? [adamCase(NAMES.adamDone, networks.student, SLOW_GRADIENT)] : []),
    ...(composed ? [under(composed, adamCase(NAMES.adamComposed, networks.student))] : []),
    infer(NAMES.inferTeacher, 'taught'),
    infer(NAMES.inferStudent, 'student'),
    ...(stock ? [under(stock, infer(NAMES.inferTeacherStock, 'taught'))] : []),
    ...(stock ? [under(stock, infer(NAMES.inferStudentStock, 'student'))] : []),
  ];
}

function under(kernels: Under, measured: Case): Case {
  return { ...measured, run: (steps) => kernels(() => measured.run(steps)) };
}

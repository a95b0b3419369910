import { KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type DistillationObjectiveOptions, distillation } from '../objectives/distillation.ts';
import type { Objective } from '../objectives/objective.ts';
import type { Teacher } from '../teachers/teacher.ts';
import type { DataOptions } from './trainer/data.ts';
import { openTeacher, type TeacherOptions } from './trainer/open-teacher.ts';
import { isModel, type TrainerOptions } from './trainer/options.ts';
import { runTrainer, type TrainerResult } from './trainer/run-trainer.ts';

/**
 * What `distill` takes: who teaches whom on which data, how the loss is made, and `TrainingArguments`.
 *
 * @typeParam Name - what `computeMetrics` computes
 */
export interface DistillOptions<Name extends string = string>
  extends TrainerOptions<Name>,
    TeacherOptions,
    Omit<DistillationObjectiveOptions, 'teacher' | 'labelSmoothing'> {
  /** A model, asked in inference mode, or anything else that answers. It is never changed. */
  teacher: LayersModel | Teacher;
  /** What is trained, in place. */
  student: LayersModel;
  /** Where the teacher wants images prepared otherwise than the student. @default the student's */
  teacherProcessor?: DataOptions['processor'];
  /** Another objective with this teacher, such as `(teacher) => featureDistillation({ teacher, features })`. @default distillation */
  objective?: (teacher: Teacher) => Objective;
}

/** What the loss is made of, unless an objective is given. */
export const LOSS = [
  'temperature',
  'lambda',
  'softWeight',
  'hardWeight',
  'scaleByTemperatureSquared',
  'reduction',
  'ignoreIndex',
] as const;
const TEACHER = ['teacherProcessor', 'teacherLabelMap', 'teacherCache'] as const;

/**
 * Trains a student on what a teacher says about images, and on their labels: a whole run, in a folder.
 *
 * Takes datasets of `@kd/data`, for which it makes loaders, or loaders. Images are prepared as the teacher's
 * `preprocessor_config.json` says unless there is a `processor`, and the student keeps that. The teacher is asked once about
 * each view of an image. `outputDir` gets `config.json` (see `readRunConfig`), `checkpoint-<step>/`, `metrics.jsonl`, TensorBoard's
 * `logs/`, the teacher's answers in `teacher/`, and the final student in `student/`.
 *
 * Names, defaults and meaning of `TrainingArguments` are those of Hugging Face's transformers 4.57, the loss is that of
 * `distillation()`: 3 epochs, AdamW, rate 5e-5 falling linearly to 0, gradients clipped to 1, batches of 8, a checkpoint every
 * 500 steps, TensorBoard; but with `validation` it evaluates each epoch.
 *
 * The classes of teacher, student and data are compared first. A teacher that has them in another order has its logits brought
 * to that of the data; one that calls them otherwise needs a `teacherLabelMap`, or is refused.
 *
 * @returns `train_loss`, `train_runtime`, `eval_loss`, `eval_accuracy` … by Hugging Face's names
 * @throws {KdError} INVALID_ARGUMENT for an argument that does not exist or is out of range; MISMATCH for other classes, or a
 *   checkpoint of another run; NOT_FOUND if there is nothing to resume; UNAVAILABLE if the disk is full; as `train`
 *
 * Reference: the guide "Knowledge distillation for computer vision" of transformers, whose `ImageDistilTrainer` this is.
 *
 * @example
 * import { arrayDataset } from '@kd/data';
 * import { mlp } from '@kd/models';
 * import { distill } from '@kd/train/node';
 * const images = { data: Uint8Array.from({ length: 8 * 16 }, (_, i) => ((i >> 4) % 2 ? 255 : 0)), shape: [8, 4, 4] };
 * const train = arrayDataset({ images, labels: [0, 1, 0, 1, 0, 1, 0, 1], classNames: ['dark', 'light'] });
 * const { classNames } = train;
 * const [teacher, student] = [32, 4].map((size) => mlp({ inputShape: [4, 4, 1], hiddenSizes: [size], classNames }));
 * const result = await distill({ teacher, student, train, validation: train, temperature: 5, lambda: 0.5, outputDir: 'runs/bright' });
 * console.log(result.steps, result.epoch, result.model); // 3 3 runs/bright/student
 */
export async function distill<Name extends string = never>(options: DistillOptions<Name>): Promise<TrainerResult> {
  const { teacher, student, objective } = options;
  checkModels(options);
  const loss = pick(options, LOSS);
  if (objective && Object.keys(loss).length > 0) {
    const names = Object.keys(loss).join(', ');
    throw new KdError(
      'INVALID_ARGUMENT',
      `distill: an objective is given, so ${names} would count for nothing; give them to the objective`,
      loss,
    );
  }
  return runTrainer(
    {
      caller: 'distill',
      model: student,
      saveAs: 'student',
      ownNames: ['teacher', 'student', 'objective', ...LOSS, ...TEACHER],
      keptNames: ['objective', ...LOSS, 'teacherLabelMap'],
      preparedFor: isModel(teacher) ? teacher : undefined,
      teacherProcessor: options.teacherProcessor,
      objective({ args, classNames, onWarning }) {
        const asked = openTeacher('distill', teacher, options, { classNames, outputDir: args.outputDir, onWarning });
        if (objective) return objective(asked);
        return distillation({ ...loss, teacher: asked, labelSmoothing: args.labelSmoothingFactor });
      },
    },
    options as TrainerOptions,
  );
}

function checkModels({ teacher, student }: Pick<DistillOptions, 'teacher' | 'student'>): void {
  const refuse = (name: string, what: string, value: unknown): never => {
    throw new KdError(
      'INVALID_ARGUMENT',
      `distill: ${name} must be ${what}, got ${value === null ? 'null' : typeof value}`,
    );
  };
  if (!student || !isModel(student)) refuse('student', 'a LayersModel', student);
  if (!teacher || !(isModel(teacher) || 'logits' in teacher)) refuse('teacher', 'a LayersModel or a Teacher', teacher);
  if (Object.is(teacher, student)) {
    throw new KdError('INVALID_ARGUMENT', 'distill: teacher and student are one model; the teacher must not change');
  }
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  const entries = names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]]));
  return Object.fromEntries(entries) as Pick<T, K>;
}

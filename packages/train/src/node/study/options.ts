import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Callback } from '../../callbacks/callback.ts';
import type { Teacher } from '../../teachers/teacher.ts';
import { type DistillOptions, LOSS } from '../distill.ts';
import type { ExperimentOptions } from '../experiments/run-cells.ts';
import type { DataOptions, TrainDataset } from '../trainer/data.ts';
import type { TeacherOptions } from '../trainer/open-teacher.ts';
import type { MetricName, TrainerOptions } from '../trainer/options.ts';

/** Of `distill` and `fineTune`, what a study decides for its runs. */
type Decided =
  | 'train'
  | 'validation'
  | 'test'
  | 'processor'
  | 'outputDir'
  | 'seed'
  | 'resumeFromCheckpoint'
  | 'callbacks'
  | 'signal'
  | 'optimizer'
  | 'schedule'
  | 'metricForBestModel';

/** What every run is given, or one arm's: `TrainingArguments`, the loss, the augmentation. */
export interface RunArguments
  extends Omit<TrainerOptions, Decided>,
    Pick<
      DistillOptions,
      'temperature' | 'lambda' | 'softWeight' | 'hardWeight' | 'scaleByTemperatureSquared' | 'reduction' | 'objective'
    > {
  metricForBestModel?: MetricName<string> | null;
}

/** One of the ways of training that a study compares. */
export interface StudyArm extends RunArguments {
  /** Whether the teacher teaches; without it the student learns from the labels alone. @default true */
  teacher?: boolean;
  /** In place of the study's. */
  student?: StudentMaker;
}

/** Which run something is made for. */
export interface StudyRunInfo {
  arm: string;
  seed: number;
  /** `<outputDir>/<arm>/seed-<n>`. */
  outputDir: string;
}

/** Makes the student anew, with first weights that the seed decides. */
export type StudentMaker = (run: Pick<StudyRunInfo, 'arm' | 'seed'>) => LayersModel | Promise<LayersModel>;

export interface StudyOptions
  extends RunArguments,
    Pick<TeacherOptions, 'teacherLabelMap'>,
    Pick<ExperimentOptions, 'ifChanged' | 'onProgress' | 'signal'> {
  /** A model, asked in inference mode, or anything else that answers. */
  teacher: LayersModel | Teacher;
  student: StudentMaker;
  /** Encoded images are decoded and resized once, and kept in `<outputDir>/images`. */
  train: TrainDataset;
  /** What the teacher is checked on, and what chooses the epoch that is kept. */
  validation: TrainDataset;
  /** What the arms are compared on: each student is asked once, at its end. */
  test: TrainDataset;
  /** How the student's images are prepared. @default as the teacher's */
  processor?: DataOptions['processor'];
  /** How the teacher's images are prepared. @default as its `preprocessor_config.json` says */
  teacherProcessor?: DataOptions['processor'];
  /**
   * By name; each is the study's arguments with its own in their place.
   * @default scratch and label smoothing (0.1) without the teacher, and distilled
   */
  arms?: Readonly<Record<string, StudyArm>>;
  /** Each arm is run with each of them. @default [42] */
  seeds?: readonly number[];
  /** The arm that the others are tested against. @default the first */
  baseline?: string;
  /** Goes on with a teacher that is no better than chance. @default false */
  forceTeacher?: boolean;
  /** Of the page. @default 'Knowledge distillation' */
  title?: string;
  /** What watches a run. @default a progress bar, and `report.html` in the run's folder */
  callbacks?: (run: StudyRunInfo) => readonly Callback[];
  /** Told what is done next, in a sentence. */
  onPhase?: (sentence: string) => void;
  /** Told after each batch that the teacher has labelled. */
  onLabelled?: (done: number, total: number) => void;
  /** Where everything goes. */
  outputDir: string;
}

const NO_ARGUMENTS = [
  'teacher',
  'student',
  'train',
  'validation',
  'test',
  'processor',
  'teacherProcessor',
  'teacherLabelMap',
  'arms',
  'seeds',
  'baseline',
  'forceTeacher',
  'title',
  'callbacks',
  'onPhase',
  'onLabelled',
  'outputDir',
  'ifChanged',
  'onProgress',
  'signal',
] as const satisfies readonly (keyof StudyOptions)[];

/** What decides nothing about the result, so that a finished run stays finished. */
const NO_SETTINGS = ['engine', 'onWarning', 'dataloaderNumWorkers', 'pushToHub', 'hubModelId', 'hubToken'];

/**
 * The arms that `study` compares by default: without a teacher, with smoothed labels (.1) in its place, and with it.
 *
 * @example
 * import { STUDY_ARMS } from '@kd/train/node';
 * const { scratch, distilled } = STUDY_ARMS;
 * console.log({ arms: { scratch, distilled } }); // { arms: { scratch: { teacher: false }, distilled: {} } }
 */
export const STUDY_ARMS: Readonly<Record<'scratch' | 'label smoothing' | 'distilled', StudyArm>> = {
  scratch: { teacher: false },
  'label smoothing': { teacher: false, labelSmoothingFactor: 0.1 },
  distilled: {},
};

const without = (from: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(from).filter(([name, value]) => !names.includes(name) && value !== undefined));

/** An arm with the study's arguments filled in. */
export interface PlannedArm {
  name: string;
  taught: boolean;
  student: StudentMaker;
  args: RunArguments;
}

/** All arms; those without a teacher lose what is said of it. */
export function plannedArms(options: StudyOptions): PlannedArm[] {
  const shared = without(options, NO_ARGUMENTS);
  return Object.entries(options.arms ?? STUDY_ARMS).map(([name, arm]) => {
    const { teacher: taught = true, student = options.student } = arm;
    const given = { ...shared, ...without(arm, ['teacher', 'student']) };
    return { name, taught, student, args: taught ? given : without(given, [...LOSS, 'objective']) };
  });
}

/** What makes a run what it is. */
export const decisive = (args: RunArguments): Record<string, unknown> => without(args, NO_SETTINGS);

/** Whether training images differ from epoch to epoch: then the teacher has to see what the student sees. */
export const isChanged = ({ augment, dataCollator }: RunArguments): boolean => Boolean(augment ?? dataCollator);

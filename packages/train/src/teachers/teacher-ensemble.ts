import { type Batch, fingerprint, KdError, type StepContext } from '@kd/core';
import { logSumExp } from './log-sum-exp.ts';
import type { FeatureArray, Teacher, TeacherAnswers } from './teacher.ts';

export interface TeacherEnsembleOptions {
  /** One for each teacher, > 0; divided by their sum. @default all the same */
  weights?: readonly number[];
  /** What is averaged. @default 'probabilities' */
  space?: 'probabilities' | 'logits';
  /** At which the mean of probabilities is taken, > 0: that of the objective. Of no account for logits. @default 1 */
  temperature?: number;
}

/**
 * Several teachers as one, who answers with their mean.
 *
 * - 'probabilities': `logits = T * log(sum_i w[i] * softmax(logits[i] / T))`. At the `temperature` T the softened answers are
 *   then the mean of theirs exactly: the arithmetic mean of `multiTeacherLoss`. Give it the objective's temperature.
 * - 'logits': `logits = sum_i w[i] * logits[i]`, the geometric mean of the probabilities, at any temperature.
 *
 * with `w = weights / sum(weights)`. All are asked about the same images, so they must take the same size and normalisation.
 * The features of teacher i are there as `<i>/<tap>`, and its own logits as `<i>/logits`, float32 [batch, classes], whether it
 * has taps or not. Put a cache around each teacher, and one added later asks nobody but itself.
 *
 * @throws {KdError} INVALID_ARGUMENT if there is no teacher, or weights or temperature are out of range; MISMATCH if they
 *   have other classes
 *
 * Reference: Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network", section 1, which names both means.
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { modelTeacher, teacherEnsemble } from '@kd/train';
 * const classNames = ['cat', 'dog'];
 * const teachers = [1, 2, 3].map((seed) => modelTeacher(mlp({ hiddenSizes: [4], classNames, seed }), { classNames }));
 * const teacher = teacherEnsemble(teachers, { temperature: 4 });
 * console.log(teacher.deterministic, teacher.taps); // true [ '0/logits', '1/logits', '2/logits' ]
 */
export function teacherEnsemble(
  teachers: readonly Teacher[],
  { weights, space = 'probabilities', temperature = 1 }: TeacherEnsembleOptions = {},
): Teacher {
  checkOptions(teachers, { weights, space, temperature });
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? teachers.length;
  const shares = teachers.map((_, i) => (weights?.[i] ?? 1) / total);
  const classNames = commonClasses(teachers);
  const mean = (all: readonly Float32Array[], rows: number): Float32Array => {
    checkAlike(all);
    return space === 'logits' ? meanLogits(all, shares) : meanProbabilities(all, shares, rows, temperature);
  };

  async function ask(batch: Batch, context: StepContext): Promise<TeacherAnswers[]> {
    const all: TeacherAnswers[] = [];
    // One after the other: they may be on one device.
    for (const teacher of teachers) {
      all.push(
        teacher.answers
          ? await teacher.answers(batch, context)
          : { logits: await teacher.logits(batch, context), features: {} },
      );
    }
    return all;
  }

  return {
    ...(classNames ? { classNames } : {}),
    deterministic: teachers.every(({ deterministic }) => deterministic),
    async fingerprint() {
      const prints = await Promise.all(teachers.map((teacher) => teacher.fingerprint()));
      const text = JSON.stringify({ prints, shares, space, ...(space === 'logits' ? {} : { temperature }) });
      return fingerprint([{ name: 'teacherEnsemble', shape: [], data: new TextEncoder().encode(text) }]);
    },
    async logits(batch, context) {
      const all: Float32Array[] = [];
      for (const teacher of teachers) all.push(await teacher.logits(batch, context));
      return mean(all, batch.ids.length);
    },
    taps: teachers.flatMap(({ taps = [] }, i) => [`${i}/logits`, ...taps.map((tap) => `${i}/${tap}`)]),
    async answers(batch, context) {
      const all = await ask(batch, context);
      const rows = batch.ids.length;
      const logits = mean(
        all.map((each) => each.logits),
        rows,
      );
      const features = all.flatMap((each, i): [string, FeatureArray][] => [
        [`${i}/logits`, { data: each.logits, shape: [rows, each.logits.length / rows] }],
        ...Object.entries(each.features).map(([tap, feature]): [string, FeatureArray] => [`${i}/${tap}`, feature]),
      ]);
      return { logits, features: Object.fromEntries(features) };
    },
    async flush() {
      for (const teacher of teachers) await teacher.flush?.();
    },
  };
}

function checkOptions(
  teachers: readonly Teacher[],
  { weights, space, temperature }: { weights: readonly number[] | undefined; space: string; temperature: number },
): void {
  const refuse = (problem: string, details: Record<string, unknown> = {}): never => {
    throw new KdError('INVALID_ARGUMENT', `teacherEnsemble: ${problem}`, details);
  };
  if (!Array.isArray(teachers) || teachers.length === 0) refuse('teachers must be an array of one or more');
  const positive = (value: number): boolean => value > 0 && value < Infinity;
  if (weights && (weights.length !== teachers.length || !weights.every(positive))) {
    refuse(`weights must be ${teachers.length} numbers > 0, one for each teacher, got [${weights}]`, { weights });
  }
  if (space !== 'probabilities' && space !== 'logits') {
    refuse(`space must be 'probabilities' or 'logits', got '${space}'`, { space });
  }
  if (!positive(temperature)) refuse(`temperature must be > 0, got ${temperature}`, { temperature });
}

function commonClasses(teachers: readonly Teacher[]): readonly string[] | undefined {
  const known = teachers.flatMap(({ classNames }, i) => (classNames ? [{ classNames, i }] : []));
  const [first] = known;
  const other = known.find(({ classNames }) => classNames.join('\n') !== first!.classNames.join('\n'));
  if (!other) return first?.classNames;
  throw new KdError(
    'MISMATCH',
    `teacherEnsemble: teacher ${first!.i} has the classes ${first!.classNames.join(', ')}, teacher ${other.i} has ` +
      `${other.classNames.join(', ')}, or has them in another order`,
    { first: first!.classNames, other: other.classNames },
  );
}

function checkAlike(all: readonly Float32Array[]): void {
  if (all.every(({ length }) => length === all[0]!.length)) return;
  throw new KdError(
    'MISMATCH',
    `teacherEnsemble: the teachers answer ${all.map(({ length }) => length).join(', ')} logits about one batch; they need ` +
      'the same classes',
  );
}

function meanLogits(all: readonly Float32Array[], shares: readonly number[]): Float32Array {
  return all[0]!.map((_, at) => all.reduce((sum, logits, i) => sum + shares[i]! * logits[at]!, 0));
}

/** `T * log(sum_i w[i] * softmax(logits[i] / T))`, in float64 from log-probabilities: no probability is too small. */
function meanProbabilities(
  all: readonly Float32Array[],
  shares: readonly number[],
  rows: number,
  temperature: number,
): Float32Array {
  const classes = all[0]!.length / rows;
  const mean = new Float32Array(all[0]!.length);
  const terms = new Float64Array(all.length);
  for (let start = 0; start < mean.length; start += classes) {
    const norms = all.map((logits) => logSumExp(logits.subarray(start, start + classes), temperature));
    for (let at = start; at < start + classes; at++) {
      all.forEach((logits, i) => {
        terms[i] = Math.log(shares[i]!) + logits[at]! / temperature - norms[i]!;
      });
      mean[at] = temperature * logSumExp(terms);
    }
  }
  return mean;
}

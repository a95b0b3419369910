import { type Batch, KdError, numericIds, type StepContext, teacherView } from '@kd/core';
import type { AnswerColumn, AnswerFile, AnswerFolder } from './answer-folder.ts';
import { type AnswerError, answerError, joinErrors } from './cache/answer-error.ts';
import {
  type AnswerFormat,
  decodeAnswers,
  encodeAnswers,
  formatKey,
  logitsAsKept,
  resolveFormat,
} from './cache/answer-format.ts';
import { type AnswerSize, sizeOf } from './cache/answer-size.ts';
import { checkCacheable, checkNumbers } from './cache/check-cacheable.ts';
import { keyOf, keysOf, partsOf } from './cache/keys.ts';
import { pickRows, someRows } from './cache/pick-rows.ts';
import { replayer } from './cache/replay.ts';
import { createRowTable, type RowTable } from './cache/row-table.ts';
import type { Teacher, TeacherAnswers } from './teacher.ts';

/** A teacher that remembers its answers. */
export interface CachedTeacher extends Teacher {
  /**
   * Samples that the teacher was really asked about, those answered from memory, and those among these that it was asked
   * about again, to compare.
   */
  readonly counts: Readonly<{ asked: number; remembered: number; replayed: number }>;
  /** What `precision` and `topK` have done to the answers of this run, as `answerError` measures it. */
  readonly error: AnswerError;
  /** Writes what is new to the folder: `train` calls it after every epoch, and when it stops. */
  flush(): Promise<void>;
}

export interface CachedTeacherOptions extends AnswerFormat {
  /** Keeps the answers for later runs: `answerFolder` of `@kd/train/node`. @default none: they go with the process */
  folder?: AnswerFolder;
  /** The teacher's taps whose features are kept too, in the same `precision`. @default none */
  features?: readonly string[];
  /** Share of the answers from the folder that are asked for again and compared, in [0, 1]. @default 0.01 */
  replay?: number;
  /**
   * How far an answer from the folder may be off when it is compared, relative to the row's largest logit, or the largest value
   * of the feature. @default 1e-3
   */
  tolerance?: number;
  /** Told, before the first answer is kept, what each view of each sample will take. Throw to refuse. */
  onSize?: (size: AnswerSize) => void;
}

/** What is remembered of one source. */
interface Answers {
  rows: RowTable;
  file?: AnswerFile;
  /** Keys that have not been written yet. */
  unwritten: Set<number | string>;
  /** Compares answers that came from the folder. */
  replay?: ReturnType<typeof replayer>;
}

/**
 * Asks a teacher once for each view of each sample and remembers the answers: a distillation of 30 epochs over fixed
 * images runs the teacher's forward pass once. Logits are kept, not probabilities, so the temperature may change.
 *
 * An answer belongs to the batch's source (which data, prepared how for the teacher), the sample's id and the view of it
 * (augmented images have several), so one cache serves several loaders; and to the teacher's weights: those are fingerprinted
 * at the first question, and `fingerprint()` fails once they have changed.
 *
 * Images that come once are not remembered, and the teacher is asked about each of them: mixed ones, and those that are
 * augmented anew in every epoch. `augmentation(steps, { views: 8 })` makes as many of each sample, all of which are kept.
 *
 * With a `folder` later runs find the answers there, under the teacher's fingerprint, the source and what is kept of them, so
 * that those of another teacher, data set or preparation are never served; what is missing is asked for. A few that come from
 * there are asked for again and compared, at their first use.
 *
 * With `precision` or `topK` the student always gets what is kept, at the first time too. `answerError` says what that does.
 *
 * Memory: 4 bytes a class for each view seen (2 with 'float16'; with `topK` k about 4 * k of 1000 classes in 'float16'), as much
 * for each number of a feature, and a map entry: some 5 MB for 60 000 digits. Features are large: `onSize` says how much.
 *
 * @throws {KdError} UNSUPPORTED if the teacher does not answer the same twice, as in training mode, or a batch has no
 *   source; NOT_FOUND for a feature that is none of its taps; INVALID_ARGUMENT for options out of range; NOT_FINITE if it
 *   answers NaN; MISMATCH if its weights have changed, or it answers differently from what the folder has
 *
 * @example
 * import { mlp } from '@kd/models';
 * import { cachedTeacher, modelTeacher } from '@kd/train';
 * const teacher = cachedTeacher(modelTeacher(mlp({ hiddenSizes: [4], classNames: ['cat', 'dog'] })));
 * const images = { data: new Float32Array(784), shape: [1, 28, 28, 1] };
 * const context = { seed: 0, epoch: 0, step: 0, ids: Uint32Array.of(0) };
 * const batch = { ids: context.ids, images, source: 'one black image' };
 * for (let epoch = 0; epoch < 30; epoch++) await teacher.logits(batch, context);
 * console.log(teacher.counts); // { asked: 1, remembered: 29, replayed: 0 }
 */
export function cachedTeacher(
  teacher: Teacher,
  { folder, features = [], replay = 0.01, tolerance = 1e-3, onSize, ...given }: CachedTeacherOptions = {},
): CachedTeacher {
  const format = resolveFormat('cachedTeacher', given);
  checkCacheable(teacher, features, replay);
  const kept = formatKey(format, features);
  const isExact = format.precision === 'float32' && format.topK === undefined;
  const sources = new Map<string, Promise<Answers>>();
  const counts = { asked: 0, remembered: 0, replayed: 0 };
  let error: AnswerError = { samples: 0, mean: 0, max: 0 };
  let askedWith: Promise<string> | undefined;
  let sized = false;

  async function open(fingerprint: string, source: string): Promise<Answers> {
    const answers: Answers = { rows: createRowTable(), unwritten: new Set() };
    if (!folder) return answers;
    answers.file = await folder.open({ teacher: fingerprint, source, ...(kept ? { kept } : {}) });
    for (const { ids, views, columns } of await answers.file.read()) {
      answers.rows.put(
        ids.map((id, i) => keyOf(id, views[i]!)),
        columns,
      );
    }
    if (answers.rows.size > 0) answers.replay = replayer({ share: replay, tolerance, source });
    return answers;
  }

  function answersTo({ source }: Batch, fingerprint: string): Promise<Answers> {
    if (source === undefined) {
      throw new KdError(
        'UNSUPPORTED',
        'cachedTeacher: the batch has no source, so its ids may be those of other images; give batches a source ' +
          '(dataLoader does), or use the teacher without a cache',
      );
    }
    const answers = sources.get(source) ?? open(fingerprint, source);
    sources.set(source, answers);
    return answers;
  }

  /** Asks the teacher, for the features too if there are any to keep. */
  async function ask(batch: Batch, context: StepContext): Promise<TeacherAnswers> {
    const asked = { ...context, ids: numericIds(batch.ids) };
    if (features.length === 0) return { logits: await teacher.logits(batch, asked), features: {} };
    const answers = await teacher.answers!(batch, asked);
    return {
      logits: answers.logits,
      features: Object.fromEntries(features.map((tap) => [tap, answers.features[tap]!])),
    };
  }

  /** These answers as they are kept, after a look at them. */
  function keep(answers: TeacherAnswers, keys: readonly (number | string)[]): Readonly<Record<string, AnswerColumn>> {
    checkNumbers(answers, keys);
    const columns = encodeAnswers('cachedTeacher', answers, keys.length, format);
    if (!sized) onSize?.(sizeOf(columns));
    sized = true;
    if (!isExact) error = joinErrors(error, answerError(answers.logits, answers.logits.length / keys.length, format));
    return columns;
  }

  /** Answers of the kept rows, after the teacher was asked about those that are missing. */
  async function remembered(given: Batch, context: StepContext): Promise<TeacherAnswers> {
    const batch = teacherView(given);
    if (batch.fresh) {
      counts.asked += batch.ids.length;
      return ask(batch, context);
    }
    askedWith ??= teacher.fingerprint();
    const { rows, unwritten, replay } = await answersTo(batch, await askedWith);
    const keys = keysOf(batch);
    const missing = keys.flatMap((key, row) => (rows.has(key) ? [] : [row]));
    const again = replay ? keys.flatMap((key, row) => (rows.has(key) && replay.wants(key) ? [row] : [])) : [];
    const wanted = [...missing, ...again];
    if (wanted.length > 0) {
      const isWhole = missing.length === keys.length;
      const answers = await ask(isWhole ? batch : pickRows(batch, wanted), context);
      const part = (from: number, to: number): TeacherAnswers => someRows(answers, from, to, wanted.length);
      if (missing.length > 0) {
        const added = missing.map((row) => keys[row]!);
        rows.put(added, keep(part(0, missing.length), added));
        if (folder) for (const key of added) unwritten.add(key);
      }
      again.forEach((row, i) => {
        const key = keys[row]!;
        const now = part(missing.length + i, missing.length + i + 1);
        const columns = rows.take([key]);
        const before = decodeAnswers(columns, 1);
        replay!.compare(key, before.logits, logitsAsKept(now.logits, columns, format));
        for (const tap of features) replay!.compare(key, before.features[tap]!.data, now.features[tap]!.data, tap);
      });
    }
    counts.asked += missing.length;
    counts.remembered += keys.length - missing.length;
    counts.replayed += again.length;
    return decodeAnswers(rows.take(keys), keys.length);
  }

  return {
    ...(teacher.classNames ? { classNames: teacher.classNames } : {}),
    ...(teacher.parameters === undefined ? {} : { parameters: teacher.parameters }),
    ...(features.length > 0 ? { taps: features, answers: remembered } : {}),
    deterministic: true,
    counts,
    get error() {
      return error;
    },
    async fingerprint() {
      const [before, now] = [await askedWith, await teacher.fingerprint()];
      if (before !== undefined && before !== now) {
        throw new KdError(
          'MISMATCH',
          `cachedTeacher: the teacher's weights have changed since it was asked (${before.slice(0, 8)} then, ` +
            `${now.slice(0, 8)} now), so what it remembers is another network's; make a new cache`,
          { before, now },
        );
      }
      return now;
    },
    logits: async (batch, context) => (await remembered(batch, context)).logits,
    async flush() {
      for (const opened of sources.values()) {
        const { rows, file, unwritten } = await opened;
        if (!file || unwritten.size === 0) continue;
        const keys = [...unwritten];
        unwritten.clear();
        const parts = keys.map(partsOf);
        try {
          await file.append({
            ids: parts.map(({ id }) => id),
            views: Uint32Array.from(parts, ({ view }) => view),
            columns: rows.take(keys),
          });
        } catch (error) {
          for (const key of keys) unwritten.add(key); // nothing is lost: the next flush tries again
          throw error;
        }
      }
    },
  };
}

import { type Batch, KdError, numericIds } from '@kd/core';
import type { AnswerFile, AnswerFolder } from './answer-folder.ts';
import { replayer } from './replay.ts';
import { createRowStore, type RowStore } from './row-store.ts';
import type { Teacher } from './teacher.ts';

/** A teacher that remembers its answers. */
export interface CachedTeacher extends Teacher {
  /**
   * Samples that the teacher was really asked about, those answered from memory, and those among these that it was asked
   * about again, to compare.
   */
  readonly counts: Readonly<{ asked: number; remembered: number; replayed: number }>;
  /** Writes what is new to the folder: `train` calls it after every epoch, and when it stops. */
  flush(): Promise<void>;
}

export interface CachedTeacherOptions {
  /** Keeps the answers for later runs: `answerFolder` of `@kd/train/node`. @default none: they go with the process */
  folder?: AnswerFolder;
  /** Share of the answers from the folder that are asked for again and compared, in [0, 1]. @default 0.01 */
  replay?: number;
  /** How far an answer from the folder may be off when it is compared, relative to the row's largest logit. @default 1e-3 */
  tolerance?: number;
}

/** What is remembered of one source. */
interface Answers {
  rows: RowStore;
  file?: AnswerFile;
  /** Keys that have not been written yet. */
  unwritten: (number | string)[];
  /** Compares answers that came from the folder. */
  replay?: ReturnType<typeof replayer>;
}

/**
 * Asks a teacher once for each view of each sample and remembers the logits: a distillation of 30 epochs over fixed
 * images runs the teacher's forward pass once. Logits are kept, not probabilities, so the temperature may change.
 *
 * An answer belongs to the batch's source (which data, prepared how), the sample's id and the view of it (jittered images
 * have several), so one cache serves several loaders; and to the teacher's weights: those are fingerprinted at the first
 * question, and `fingerprint()` fails once they have changed.
 *
 * With a `folder` later runs find the answers there, under the teacher's fingerprint and the source, so that those of
 * another teacher, data set or preparation are never served; what is missing is asked for. A few that come from there are
 * asked for again and compared, at their first use.
 *
 * Memory: 4 bytes a class for each view seen, and a map entry: some 5 MB for 60 000 digits.
 *
 * @throws {KdError} UNSUPPORTED if the teacher does not answer the same twice, as in training mode, or a batch has no
 *   source; MISMATCH if the teacher's weights have changed, or it answers differently from what the folder has
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
  { folder, replay = 0.01, tolerance = 1e-3 }: CachedTeacherOptions = {},
): CachedTeacher {
  if (!teacher.deterministic) {
    throw new KdError(
      'UNSUPPORTED',
      'cachedTeacher: this teacher answers differently each time (dropout or batch statistics are on); ' +
        "ask it in mode 'inference', or use it without a cache",
    );
  }
  if (!(replay >= 0 && replay <= 1)) {
    throw new KdError('INVALID_ARGUMENT', `cachedTeacher: replay must be in [0, 1], got ${replay}`, { replay });
  }
  const sources = new Map<string, Promise<Answers>>();
  const counts = { asked: 0, remembered: 0, replayed: 0 };
  let askedWith: Promise<string> | undefined;

  async function open(fingerprint: string, source: string): Promise<Answers> {
    const answers: Answers = { rows: createRowStore(), unwritten: [] };
    if (!folder) return answers;
    answers.file = await folder.open({ teacher: fingerprint, source });
    for (const { id, view, logits } of await answers.file.read()) answers.rows.set(keyOf(id, view), logits);
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

  return {
    ...(teacher.classNames ? { classNames: teacher.classNames } : {}),
    deterministic: true,
    counts,
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
    async logits(batch, context) {
      askedWith ??= teacher.fingerprint();
      const { rows, unwritten, replay } = await answersTo(batch, await askedWith);
      const keys = keysOf(batch);
      const missing = keys.flatMap((key, row) => (rows.has(key) ? [] : [row]));
      const again = replay ? keys.flatMap((key, row) => (rows.has(key) && replay.wants(key) ? [row] : [])) : [];
      const wanted = [...missing, ...again];
      if (wanted.length > 0) {
        const asked = wanted.length === keys.length && again.length === 0 ? batch : pickRows(batch, wanted);
        const logits = await teacher.logits(asked, { ...context, ids: numericIds(asked.ids) });
        const classes = logits.length / wanted.length;
        wanted.forEach((row, i) => {
          const key = keys[row]!;
          const answer = logits.subarray(i * classes, (i + 1) * classes);
          if (i < missing.length) {
            rows.set(key, answer);
            if (folder) unwritten.push(key);
          } else replay!.compare(key, rows.gather([key]), answer);
        });
      }
      counts.asked += missing.length;
      counts.remembered += keys.length - missing.length;
      counts.replayed += again.length;
      return rows.gather(keys);
    },
    async flush() {
      for (const opened of sources.values()) {
        const { rows, file, unwritten } = await opened;
        if (!file || unwritten.length === 0) continue;
        const keys = unwritten.splice(0);
        const [logits, classes] = [rows.gather(keys), rows.width];
        try {
          await file.append(
            keys.map((key, i) => ({ ...partsOf(key), logits: logits.subarray(i * classes, (i + 1) * classes) })),
          );
        } catch (error) {
          unwritten.unshift(...keys); // nothing is lost: the next flush tries again
          throw error;
        }
      }
    },
  };
}

const VIEWS = 2 ** 21;

/** Id and view as one key. A number where both are, which makes the map smaller: 2^21 views at most. */
const keyOf = (id: number | string, view: number): number | string =>
  typeof id === 'number' && view < VIEWS ? view * 2 ** 32 + id : `${view}/${typeof id === 'number' ? '#' : ''}${id}`;

function partsOf(key: number | string): { id: number | string; view: number } {
  if (typeof key === 'number') return { id: key % 2 ** 32, view: Math.floor(key / 2 ** 32) };
  const slash = key.indexOf('/');
  const [view, id] = [Number(key.slice(0, slash)), key.slice(slash + 1)];
  return { id: view >= VIEWS && id.startsWith('#') ? Number(id.slice(1)) : id, view };
}

function keysOf({ ids, views }: Batch): (number | string)[] {
  return Array.from(ids as ArrayLike<number | string>, (id, i) => keyOf(id, views?.[i] ?? 0));
}

function pickRows(batch: Batch, rows: readonly number[]): Batch {
  const { data, shape } = batch.images;
  const size = data.length / shape[0]!;
  const picked = data instanceof Uint8Array ? new Uint8Array(rows.length * size) : new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    picked.set(data.subarray(row * size, (row + 1) * size), i * size);
  });
  const { ids, labels, normalization, views, source } = batch;
  return {
    ids: ids instanceof Uint32Array ? Uint32Array.from(rows, (row) => ids[row]!) : rows.map((row) => ids[row]!),
    images: { data: picked, shape: [rows.length, ...shape.slice(1)] },
    ...(normalization ? { normalization } : {}),
    ...(labels ? { labels: Int32Array.from(rows, (row) => labels[row]!) } : {}),
    ...(views ? { views: Uint32Array.from(rows, (row) => views[row]!) } : {}),
    ...(source === undefined ? {} : { source }),
  };
}

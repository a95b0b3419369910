import { floatsToHalves, halvesToFloats, KdError } from '@kd/core';
import type { AnswerColumn } from '../answer-folder.ts';
import { logSumExp } from '../log-sum-exp.ts';
import type { TeacherAnswers } from '../teacher.ts';

/** What is kept of a teacher's answers. */
export interface AnswerFormat {
  /** How numbers are kept: with half the bytes they have 11 significant bits and end at 65504. @default 'float32' */
  precision?: 'float32' | 'float16';
  /**
   * So many of the largest logits are kept, and one number for all others: an integer in [1, classes). For a temperature near 1
   * and a teacher who is sure: a high temperature brings out what is left out. @default all of them
   */
  topK?: number;
  /**
   * At which the mass of the classes that `topK` leaves out is kept exactly, and errors are measured, > 0: the objective's.
   * @default 1
   */
  temperature?: number;
}

export type ResolvedFormat = Required<Omit<AnswerFormat, 'topK'>> & Pick<AnswerFormat, 'topK'>;

type Columns = Readonly<Record<string, AnswerColumn>>;

const FEATURE = 'feature/';

/** Checked, with defaults. */
export function resolveFormat(
  where: string,
  { precision = 'float32', topK, temperature = 1 }: AnswerFormat,
): ResolvedFormat {
  const refuse = (name: string, range: string, value: unknown): never => {
    throw new KdError('INVALID_ARGUMENT', `${where}: ${name} must be ${range}, got ${value}`, { [name]: value });
  };
  if (precision !== 'float32' && precision !== 'float16') refuse('precision', "'float32' or 'float16'", precision);
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) refuse('topK', 'an integer >= 1', topK);
  if (!(temperature > 0 && temperature < Infinity)) refuse('temperature', '> 0', temperature);
  return { precision, temperature, ...(topK === undefined ? {} : { topK }) };
}

/** What answers of another format are told apart by; undefined for what is kept of them by default. */
export function formatKey(
  { precision, topK, temperature }: ResolvedFormat,
  features: readonly string[],
): Record<string, unknown> | undefined {
  if (precision === 'float32' && topK === undefined && features.length === 0) return undefined;
  return { precision, ...(topK === undefined ? {} : { topK, temperature }), features: [...features].sort() };
}

/** Columns that an answer is kept as. */
export function encodeAnswers(
  where: string,
  { logits, features }: TeacherAnswers,
  rows: number,
  { precision, topK, temperature }: ResolvedFormat,
): Columns {
  const column = (data: Float32Array, width: number, shape: readonly number[]): AnswerColumn =>
    precision === 'float32'
      ? { type: precision, width, shape, data: data.slice() }
      : { type: precision, width, shape, data: checkedHalves(where, data) };
  const classes = logits.length / rows;
  const taps = Object.entries(features).map(([tap, { data, shape }]): [string, AnswerColumn] => [
    FEATURE + tap,
    column(data, data.length / rows, shape.slice(1)),
  ]);
  if (topK === undefined) return { logits: column(logits, classes, [classes]), ...Object.fromEntries(taps) };
  if (topK >= classes) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `${where}: topK is ${topK}, of ${classes} classes; leave it out to keep all of them`,
      { topK, classes },
    );
  }
  const kept = new Float32Array(rows * topK);
  const indices = classes <= 2 ** 16 ? new Uint16Array(rows * topK) : new Uint32Array(rows * topK);
  const rest = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    const largest = indicesOfLargest(values, topK);
    indices.set(largest, row * topK);
    largest.forEach((index, i) => {
      kept[row * topK + i] = values[index]!;
    });
    rest[row] = restOf(values, largest, temperature);
  }
  const type = indices instanceof Uint16Array ? 'uint16' : 'uint32';
  return {
    logits: column(kept, topK, [classes]),
    indices: { type, width: topK, shape: [topK], data: indices },
    rest: { type: 'float32', width: 1, shape: [], data: rest },
    ...Object.fromEntries(taps),
  };
}

/** The answers that columns stand for. */
export function decodeAnswers(columns: Columns, rows: number): TeacherAnswers {
  const { logits, indices, rest } = columns;
  const features = Object.entries(columns).flatMap(([name, column]) =>
    name.startsWith(FEATURE)
      ? [[name.slice(FEATURE.length), { data: floats(column), shape: [rows, ...column.shape] }] as const]
      : [],
  );
  const values = floats(logits!);
  if (!indices) return { logits: values, features: Object.fromEntries(features) };
  const classes = logits!.shape[0]!;
  const { width } = indices;
  const whole = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    whole.fill(rest!.data[row]!, row * classes, (row + 1) * classes);
    for (let i = row * width; i < (row + 1) * width; i++) whole[row * classes + indices.data[i]!] = values[i]!;
  }
  return { logits: whole, features: Object.fromEntries(features) };
}

/**
 * What columns would stand for if these logits had been kept with the classes that they have: of two classes as likely,
 * another may be among the largest by rounding.
 */
export function logitsAsKept(
  logits: Float32Array,
  { indices }: Columns,
  { temperature }: ResolvedFormat,
): Float32Array {
  if (!indices) return logits;
  const kept = [...indices.data];
  const whole = new Float32Array(logits.length).fill(restOf(logits, kept, temperature));
  for (const index of kept) whole[index] = logits[index]!;
  return whole;
}

/** The logit of each class that is left out: `T * log(mean(exp(logits / T)))` over them, so that their mass at T stays. */
function restOf(values: Float32Array, kept: readonly number[], temperature: number): number {
  const left = new Set(kept);
  const others = values.filter((_, i) => !left.has(i));
  return temperature * (logSumExp(others, temperature) - Math.log(others.length));
}

/** Of equal values those with the lowest indices, in falling order. */
function indicesOfLargest(values: Float32Array, count: number): number[] {
  const order = Array.from(values.keys());
  order.sort((a, b) => values[b]! - values[a]! || a - b);
  return order.slice(0, count);
}

function floats({ type, data }: AnswerColumn): Float32Array {
  return type === 'float16' ? halvesToFloats(data as Uint16Array) : (data as Float32Array);
}

const LARGEST_HALF = 65520; // what rounds to 65504

function checkedHalves(where: string, data: Float32Array): Uint16Array {
  const large = data.find((value) => Math.abs(value) >= LARGEST_HALF && Math.abs(value) < Infinity);
  if (large === undefined) return floatsToHalves(data);
  throw new KdError(
    'INVALID_DATA',
    `${where}: an answer has the value ${large}, which float16 cannot hold; keep it with precision 'float32'`,
    { value: large },
  );
}

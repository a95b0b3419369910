/** How a number is kept; 'float16' as its bits, in a Uint16Array. */
export type AnswerColumnType = 'float32' | 'float16' | 'uint16' | 'uint32';

/** One kind of number about every view of an `AnswerTable`. */
export interface AnswerColumn {
  readonly type: AnswerColumnType;
  /** Numbers kept of each view. */
  readonly width: number;
  /** Of what they stand for: [classes], or the shape of a feature of one sample. */
  readonly shape: readonly number[];
  /** One view after the other. */
  readonly data: Float32Array | Uint16Array | Uint32Array;
}

/**
 * What a teacher said about some views of some samples. Columns: `logits`; of the k largest alone also `indices`, their
 * classes, and `rest`, which stands for each of the others; and `feature/<tap>`.
 */
export interface AnswerTable {
  readonly ids: readonly (number | string)[];
  /** 0 where a sample has one view alone. */
  readonly views: Uint32Array;
  readonly columns: Readonly<Record<string, AnswerColumn>>;
}

/** The answers of one teacher about one source. */
export interface AnswerFile {
  /** All that is there and whole. */
  read(): Promise<readonly AnswerTable[]>;
  /** Adds answers; they are safe when the promise is fulfilled. */
  append(answers: AnswerTable): Promise<void>;
}

/** Whose answers, about what, kept how: answers are found again under the same alone. */
export interface AnswerKey {
  /** Its fingerprint. */
  teacher: string;
  /** Of the batches as the teacher sees them. */
  source: string;
  /** What is kept of an answer; absent for float32 logits. */
  kept?: Readonly<Record<string, unknown>>;
}

/** Where answers are kept between runs. */
export interface AnswerFolder {
  open(key: AnswerKey): Promise<AnswerFile>;
}

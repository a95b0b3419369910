/** What a teacher said about one view of one sample. */
export interface Answer {
  id: number | string;
  /** 0 where a sample has one view alone. */
  view: number;
  /** float32 [classes] */
  logits: Float32Array;
}

/** The answers of one teacher about one source. */
export interface AnswerFile {
  /** All that is there and whole. */
  read(): Promise<readonly Answer[]>;
  /** Adds answers; they are safe when the promise is fulfilled. */
  append(answers: readonly Answer[]): Promise<void>;
}

/** Where answers are kept between runs. */
export interface AnswerFolder {
  open(key: { teacher: string; source: string }): Promise<AnswerFile>;
}

import type { AnswerColumn } from '../answer-folder.ts';

/** What one view of one sample takes. */
export interface AnswerSize {
  bytesPerView: number;
  /** The same for each of what is kept: `logits`, `indices`, `rest`, `feature/<tap>`. */
  bytes: Readonly<Record<string, number>>;
}

export function sizeOf(columns: Readonly<Record<string, AnswerColumn>>): AnswerSize {
  const bytes = Object.fromEntries(
    Object.entries(columns).map(([name, { width, data }]) => [name, width * data.BYTES_PER_ELEMENT]),
  );
  return { bytesPerView: Object.values(bytes).reduce((sum, each) => sum + each, 0), bytes };
}

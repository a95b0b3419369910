import type { OpCase } from '../check-op.ts';

/** An op that takes tensors of some rank, as one that takes any. */
export const any = (op: unknown): OpCase['op'] => op as OpCase['op'];

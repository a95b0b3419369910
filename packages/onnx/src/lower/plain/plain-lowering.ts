import type { Lowering } from '../lowering.ts';

/** The one way of a kernel that only knows TF.js' own layout. */
export function plain(emit: Lowering['emit']): readonly Lowering[] {
  return [{ layout: 'tf', emit }];
}

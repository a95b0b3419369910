import type { LoweringTable } from '../lowering.ts';
import { cast, numeric } from './cast.ts';
import { type Elementwise, elementwise } from './elementwise.ts';

const select: Elementwise = (emitter, operand, { outs }) => {
  const { dtype } = outs[0]!;
  const type = numeric(dtype); // Where takes no booleans
  const condition = operand('condition', 'bool');
  return cast(emitter, emitter.op('Where', [condition, operand('t', type), operand('e', type)]), type, dtype);
};

export const selectLowerings: LoweringTable = elementwise({ Select: select }, { staysFinite: true });

import { sameShape } from '../graph/constants.ts';
import type { Node, Value } from '../graph/graph.ts';

/** Kernels of which zeros give zeros, by the inputs of which one has to be zeros. */
const LINEAR: Readonly<Record<string, readonly string[]>> = {
  Multiply: ['a', 'b'],
  RealDiv: ['a'],
  Reshape: ['x'],
  Cast: ['x'],
  Neg: ['x'],
  Sum: ['x'],
  Tile: ['x'],
};

/**
 * What a kernel gives for a gradient that is zero because it is accounted for elsewhere: `'zeros'`, its other summand, or
 * undefined if it has to be computed. Other zeros are left alone, as zero times infinity is not zero.
 */
export function withoutZeros({ op, ins, outs }: Node, zeros: ReadonlySet<Value>): Value | 'zeros' | undefined {
  if (LINEAR[op]?.some((name) => ins[name] && zeros.has(ins[name]))) return 'zeros';
  if (op !== 'Add') return undefined;
  const [a, b] = [ins.a!, ins.b!];
  const rest = zeros.has(a) ? b : zeros.has(b) ? a : undefined;
  return rest && sameShape(rest.shape, outs[0]!.shape) ? rest : undefined;
}

import type { Value } from '../../graph/graph.ts';
import { madeBy } from '../../graph/patterns.ts';
import type { LoweringTable } from '../lowering.ts';
import { mergeLowerings } from '../merge-lowerings.ts';
import { numberOf } from './cast.ts';
import { type Elementwise, elementwise } from './elementwise.ts';

/** A kernel that ONNX has under another name or the same. */
const same =
  (op: string): Elementwise =>
  (emitter, operand) =>
    emitter.op(op, [operand('x')]);

const finite: Record<string, Elementwise> = {
  Abs: same('Abs'),
  Neg: same('Neg'),
  Sign: same('Sign'),
  Floor: same('Floor'),
  Ceil: same('Ceil'),
  Round: same('Round'), // halves to the even one, as TF.js
  Sin: same('Sin'),
  Cos: same('Cos'),
  Atan: same('Atan'),
  Asinh: same('Asinh'),
  Tanh: same('Tanh'),
  Erf: same('Erf'),
  Identity: (_, operand) => operand('x'),
  Square: (emitter, operand) => emitter.mul(operand('x'), operand('x')),
  Cast: (_, operand, { outs }) => operand('x', outs[0]!.dtype),
  ClipByValue(emitter, operand, { ins, attrs }) {
    const type = ins.x!.dtype;
    const [low, high] = [attrs.clipValueMin, attrs.clipValueMax].map((each) => numberOf(emitter, each as number, type));
    return emitter.op('Clip', [operand('x'), low!, high!]);
  },
  LogicalNot: (emitter, operand) => emitter.op('Not', [operand('x', 'bool')]),
  IsNan: (emitter, operand) => emitter.op('IsNaN', [operand('x', 'float32')]),
  IsInf: (emitter, operand) => emitter.op('IsInf', [operand('x', 'float32')]),
  IsFinite: (emitter, operand) =>
    emitter.op('Less', [emitter.op('Abs', [operand('x', 'float32')]), emitter.scalar(Number.POSITIVE_INFINITY)]),
};

/** A probability by softmax below it is 0: its gradient, a few layers further back, may be a hundred millionth of it. */
const LEAST_PROBABILITY = 1e-30;

/** Whether it is `tf.logSoftmax`, which TF.js composes: `x - log(sum(exp(x)))`. */
function isLogSoftmax(value: Value | undefined): boolean {
  const sum = madeBy(madeBy(madeBy(value, 'Sub')?.ins.b, 'Log')?.ins.x, 'Sum');
  return madeBy(value, 'LogSoftmax') !== undefined || madeBy(sum?.ins.x, 'Exp') !== undefined;
}

const unbounded: Record<string, Elementwise> = {
  // Of a class that is far off, a processor would take tens of times as long for all that is multiplied with it (decision 20).
  Exp(emitter, operand, { ins }) {
    const y = emitter.op('Exp', [operand('x')]);
    if (!isLogSoftmax(ins.x)) return y;
    const isNothing = emitter.op('Less', [y, emitter.scalar(LEAST_PROBABILITY)]); // false for NaN, which stays
    return emitter.op('Where', [isNothing, emitter.scalar(0), y]);
  },
  Log: same('Log'),
  Sqrt: same('Sqrt'),
  Reciprocal: same('Reciprocal'),
  Tan: same('Tan'),
  Asin: same('Asin'),
  Acos: same('Acos'),
  Sinh: same('Sinh'),
  Cosh: same('Cosh'),
  Acosh: same('Acosh'),
  Atanh: same('Atanh'),
  Rsqrt: (emitter, operand) => emitter.op('Reciprocal', [emitter.op('Sqrt', [operand('x')])]),
  // tanh(x / 2) (e^x + 1): exact where e^x - 1 cancels
  Expm1(emitter, operand) {
    const x = operand('x');
    const half = emitter.op('Tanh', [emitter.mul(x, emitter.scalar(0.5))]);
    return emitter.mul(half, emitter.add(emitter.op('Exp', [x]), emitter.scalar(1)));
  },
  // 2 atanh(x / (2 + x)) near 0, where 1 + x rounds x away
  Log1p(emitter, operand) {
    const x = operand('x');
    const isFar = emitter.op('Greater', [emitter.op('Abs', [x]), emitter.scalar(0.5)]);
    const far = emitter.op('Log', [emitter.add(x, emitter.scalar(1))]);
    const near = emitter.op('Atanh', [emitter.op('Div', [x, emitter.add(x, emitter.scalar(2))])]);
    return emitter.op('Where', [isFar, far, emitter.mul(near, emitter.scalar(2))]);
  },
};

/** Kernels of one operand. Activations and their gradients are in activations.ts. */
export const unaryLowerings: LoweringTable = mergeLowerings(
  elementwise(finite, { staysFinite: true }),
  elementwise(unbounded, { staysFinite: false }),
);

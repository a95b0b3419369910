import { ELEMENT_TYPES } from '../../onnx-file/onnx-model.ts';
import type { LoweringTable } from '../lowering.ts';
import { mergeLowerings } from '../merge-lowerings.ts';
import { cast, common, numeric } from './cast.ts';
import { type Elementwise, elementwise } from './elementwise.ts';

/** ONNX' number of float64, which no value has: for integers beyond 2^24. */
const FLOAT64 = 11;

/** In the type of the result; ONNX computes no booleans. */
const arithmetic =
  (op: string): Elementwise =>
  (emitter, operand, { outs }) => {
    const type = numeric(outs[0]!.dtype);
    return cast(emitter, emitter.op(op, [operand('a', type), operand('b', type)]), type, outs[0]!.dtype);
  };

const comparison =
  (op: string): Elementwise =>
  (emitter, operand, { ins }) => {
    const type = common(ins.a!, ins.b!);
    return emitter.op(op, [operand('a', type), operand('b', type)]);
  };

const logical =
  (op: string): Elementwise =>
  (emitter, operand) =>
    emitter.op(op, [operand('a', 'bool'), operand('b', 'bool')]);

const finite: Record<string, Elementwise> = {
  Add: arithmetic('Add'),
  Sub: arithmetic('Sub'),
  Multiply: arithmetic('Mul'),
  Maximum: arithmetic('Max'),
  Minimum: arithmetic('Min'),
  SquaredDifference(emitter, operand, { outs }) {
    const type = numeric(outs[0]!.dtype);
    const difference = emitter.sub(operand('a', type), operand('b', type));
    return emitter.mul(difference, difference);
  },
  AddN: (emitter, operand, { ins }) =>
    Object.keys(ins)
      .map((name) => operand(name))
      .reduce((sum, each) => emitter.add(sum, each)),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  Equal: comparison('Equal'),
  NotEqual: (emitter, operand, node) => emitter.op('Not', [comparison('Equal')(emitter, operand, node)]),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  KdEma(emitter, operand, { attrs }) {
    const decay = attrs.decay as number;
    const kept = emitter.mul(operand('average'), emitter.scalar(decay));
    return emitter.add(kept, emitter.mul(operand('value'), emitter.scalar(1 - decay)));
  },
};

const unbounded: Record<string, Elementwise> = {
  RealDiv: arithmetic('Div'),
  Pow: arithmetic('Pow'),
  FloorDiv(emitter, operand, { ins, outs }) {
    const { dtype } = outs[0]!;
    const isFloat = common(ins.a!, ins.b!) === 'float32';
    const [a, b] = ['a', 'b'].map((name) =>
      isFloat ? operand(name, 'float32') : emitter.op('Cast', [operand(name)], { to: FLOAT64 }),
    );
    const quotient = emitter.op('Floor', [emitter.op('Div', [a!, b!])]);
    return isFloat && dtype === 'float32'
      ? quotient
      : emitter.op('Cast', [quotient], { to: ELEMENT_TYPES[numeric(dtype)] });
  },
  // the sign is the divisor's; ONNX has that for integers only
  Mod(emitter, operand, { outs }) {
    const type = numeric(outs[0]!.dtype);
    const [a, b] = [operand('a', type), operand('b', type)];
    if (type === 'int32') return emitter.op('Mod', [a, b]);
    const remainder = emitter.op('Mod', [a, b], { fmod: 1 });
    const [isBelow, isDivisorBelow] = [a, b].map((x) => emitter.op('Less', [x, emitter.scalar(0)]));
    const turned = emitter.op('Mod', [emitter.add(remainder, b), b], { fmod: 1 });
    return emitter.op('Where', [emitter.op('Xor', [isBelow!, isDivisorBelow!]), turned, remainder]);
  },
};

/** Kernels of two operands, which broadcast. */
export const binaryLowerings: LoweringTable = mergeLowerings(
  elementwise(finite, { staysFinite: true }),
  elementwise(unbounded, { staysFinite: false }),
);

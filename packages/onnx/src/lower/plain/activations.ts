import type { Emitter, LoweringTable, Name } from '../lowering.ts';
import { mergeLowerings } from '../merge-lowerings.ts';
import { type Elementwise, elementwise } from './elementwise.ts';

/** A slope that makes a step of HardSigmoid's ramp: every normal float32 but those below 2^-126 is off the ramp. */
const STEEP = 2 ** 126;

/** As above, where the ramp stands at 6: 6 STEEP must be finite. */
const STEEP_AT_SIX = 2 ** 100;

/** 1 where `slope x + offset` is 1 or more, 0 where it is 0 or less. Faster than Greater and Cast, and a float at once. */
const ramp = (emitter: Emitter, x: Name, slope: number, offset: number): Name =>
  emitter.op('HardSigmoid', [x], { alpha: { float: slope }, beta: { float: offset } });

/** 1 above 0, else 0. */
const isPositive = (emitter: Emitter, x: Name): Name => ramp(emitter, x, STEEP, 0);

/** Share of a normal distribution below each value, (1 + erf u) / 2 with u = x / sqrt 2; HardSigmoid is one pass where Add and Mul are two. */
const normalCumulative = (emitter: Emitter, u: Name): Name =>
  emitter.op('HardSigmoid', [emitter.op('Erf', [u])], { alpha: { float: 0.5 }, beta: { float: 0.5 } });

const finite: Record<string, Elementwise> = {
  Relu: (emitter, operand) => emitter.op('Relu', [operand('x')]),
  Relu6: (emitter, operand) => emitter.op('Clip', [operand('x'), emitter.scalar(0), emitter.scalar(6)]),
  Sigmoid: (emitter, operand) => emitter.op('Sigmoid', [operand('x')]),
  Softplus: (emitter, operand) => emitter.op('Softplus', [operand('x')]),
  Elu: (emitter, operand) => emitter.op('Elu', [operand('x')]),
  Selu: (emitter, operand) => emitter.op('Selu', [operand('x')]),
  LeakyRelu: (emitter, operand, { attrs }) =>
    emitter.op('LeakyRelu', [operand('x')], { alpha: { float: attrs.alpha as number } }),
  Prelu(emitter, operand) {
    const x = operand('x');
    return emitter.op('Where', [emitter.op('Less', [x, emitter.scalar(0)]), emitter.mul(x, operand('alpha')), x]);
  },
  // y + 1 is alpha e^x below 0, and dy passes above
  EluGrad(emitter, operand) {
    const slope = emitter.add(emitter.op('Min', [operand('y'), emitter.scalar(0)]), emitter.scalar(1));
    return emitter.mul(operand('dy'), slope);
  },
  Step(emitter, operand, { attrs }) {
    const alpha = (attrs.alpha as number | undefined) ?? 0;
    const step = isPositive(emitter, operand('x', 'float32'));
    if (alpha === 0) return step;
    return emitter.add(emitter.mul(step, emitter.scalar(1 - alpha)), emitter.scalar(alpha));
  },
  KdReluGrad: (emitter, operand) => emitter.mul(operand('dy'), isPositive(emitter, operand('y'))),
  KdRelu6Grad(emitter, operand) {
    const y = operand('y');
    const below = ramp(emitter, y, -STEEP_AT_SIX, 6 * STEEP_AT_SIX);
    return emitter.mul(emitter.mul(operand('dy'), isPositive(emitter, y)), below);
  },
  KdGelu(emitter, operand, { attrs }) {
    const x = operand('x');
    if ((emitter.target.contrib ?? true) && !attrs.again) return emitter.op('Gelu', [x], {}, 'com.microsoft');
    return emitter.mul(x, normalCumulative(emitter, emitter.mul(x, emitter.scalar(Math.SQRT1_2))));
  },
  // (1 + erf u) / 2 + u exp(-u^2) / sqrt(pi)
  KdGeluGrad(emitter, operand) {
    const u = emitter.mul(operand('x'), emitter.scalar(Math.SQRT1_2));
    const exponent = emitter.sub(emitter.scalar(-0.5 * Math.log(Math.PI)), emitter.mul(u, u));
    const tail = emitter.mul(u, emitter.op('Exp', [exponent]));
    return emitter.mul(operand('dy'), emitter.add(normalCumulative(emitter, u), tail));
  },
};

/** Activations and the kernels of their gradients. */
export const activationLowerings: LoweringTable = mergeLowerings(elementwise(finite, { staysFinite: true }));

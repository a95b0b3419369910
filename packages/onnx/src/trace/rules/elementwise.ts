import { backend_util, upcastType } from '@tensorflow/tfjs-core';
import { forAll, type Rule, type RuleTable } from './rule.ts';

const same: Rule = ({ x }) => ({ shape: x!.shape, dtype: x!.dtype });
const truth: Rule = ({ x }) => ({ shape: x!.shape, dtype: 'bool' });

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  return backend_util.assertAndGetBroadcastShape([...a], [...b]);
}

/** Kernels that compute each element from the elements at the same place. */
export const ELEMENTWISE: RuleTable = {
  ...forAll(
    'Abs Acos Acosh Asin Asinh Atan Atanh Ceil ClipByValue Cos Cosh Elu Erf Exp Expm1 Floor Identity LeakyRelu Log ' +
      'Log1p Neg OnesLike Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan ' +
      'Tanh ZerosLike',
    same,
  ),
  ...forAll('IsFinite IsInf IsNan LogicalNot', truth),
  ...forAll(
    'Add Atan2 BitwiseAnd FloorDiv Maximum Minimum Mod Multiply Pow RealDiv SquaredDifference Sub',
    (inputs) => ({
      shape: broadcast(inputs.a!.shape, inputs.b!.shape),
      dtype: inputs.a!.dtype,
    }),
  ),
  ...forAll(
    'Equal Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr NotEqual',
    ({ a, b }): { shape: number[]; dtype: 'bool' } => ({ shape: broadcast(a!.shape, b!.shape), dtype: 'bool' }),
  ),
  AddN: (terms) => ({ shape: terms[0]!.shape, dtype: terms[0]!.dtype }),
  Cast: ({ x }, { dtype }) => ({ shape: x!.shape, dtype: dtype! }),
  Prelu: ({ x, alpha }) => ({ shape: broadcast(x!.shape, alpha!.shape), dtype: x!.dtype }),
  EluGrad: ({ y }) => ({ shape: y!.shape, dtype: 'float32' }),
  Select: ({ t, e }) => ({ shape: t!.shape, dtype: upcastType(t!.dtype, e!.dtype) }),
};

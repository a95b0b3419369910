import { type DataType, upcastType, util } from '@tensorflow/tfjs-core';
import { forAll, type Rule, type RuleTable, type Shaped } from './rule.ts';

function reduced({ shape }: Shaped, axis: number | number[] | undefined, keepDims = false): number[] {
  const axes = util.parseAxisParam(axis as number | number[], [...shape]);
  if (keepDims) return shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return shape.filter((_, i) => !axes.includes(i));
}

const reduction =
  (typeOf: (dtype: DataType) => DataType): Rule =>
  ({ x }, { axis, reductionIndices, keepDims }) => ({
    shape: reduced(x!, axis ?? reductionIndices, keepDims),
    dtype: typeOf(x!.dtype),
  });

const counted = (dtype: DataType): DataType => upcastType(dtype, 'int32');

/** Kernels along axes. */
export const REDUCTIONS: RuleTable = {
  ...forAll(
    'Max Min',
    reduction((dtype) => dtype),
  ),
  ...forAll('Sum Prod', reduction(counted)),
  ...forAll(
    'All Any',
    reduction(() => 'bool'),
  ),
  ...forAll(
    'ArgMax ArgMin',
    reduction(() => 'int32'),
  ),
  Mean: reduction(() => 'float32'),
  ...forAll('Cumsum Cumprod', ({ x }) => ({ shape: x!.shape, dtype: counted(x!.dtype) })),
  ...forAll('Softmax LogSoftmax', ({ logits }) => ({ shape: logits!.shape, dtype: 'float32' })),
};

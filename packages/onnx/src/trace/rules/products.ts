import { backend_util, broadcast_util } from '@tensorflow/tfjs-core';
import { traceError } from '../errors.ts';
import { type Attributes, forAll, listOf, type Rule, type RuleTable, type Shaped } from './rule.ts';

const float = (shape: readonly number[]): Shaped => ({ shape, dtype: 'float32' });

const matMul: Rule = ({ a, b }, { transposeA, transposeB }) => {
  const [ofA, ofB] = [a!.shape.at(transposeA ? -2 : -1), b!.shape.at(transposeB ? -1 : -2)];
  if (ofA !== ofB) {
    const message = `tf.matMul sums over ${ofA} columns of [${a!.shape}] and ${ofB} rows of [${b!.shape}]`;
    throw traceError('SHAPE_MISMATCH', `${message}; they have to be as many`, { a: a!.shape, b: b!.shape });
  }
  const batch = broadcast_util.assertAndGetBroadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  return float([...batch, a!.shape.at(transposeA ? -1 : -2)!, b!.shape.at(transposeB ? -2 : -1)!]);
};

type Size4D = [number, number, number, number];

/** How TF.js moves the windows of a convolution over an image. */
export function convolutionInfo(
  x: readonly number[],
  filter: readonly number[],
  { strides, dilations, pad, dimRoundingMode, dataFormat = 'NHWC' }: Attributes,
  isDepthwise: boolean,
): backend_util.Conv2DInfo {
  const format = dataFormat === 'NHWC' ? 'channelsLast' : 'channelsFirst';
  const [image, windows] = [[...x] as Size4D, [...filter] as Size4D];
  const steps = strides as [number, number];
  return backend_util.computeConv2DInfo(
    image,
    windows,
    steps,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    isDepthwise,
    format,
  );
}

/** How TF.js moves the windows of a pool over an image. */
export function poolInfo(
  x: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: Attributes,
): backend_util.Conv2DInfo {
  const steps = strides as [number, number];
  return backend_util.computePool2DInfo([...x] as Size4D, filterSize, steps, 1, pad, dimRoundingMode);
}

const convolution =
  (isDepthwise: boolean): Rule =>
  ({ x, filter }, attrs) =>
    float(convolutionInfo(x!.shape, filter!.shape, attrs, isDepthwise).outShape);

const einsum: Rule = (inputs, attrs) => {
  const { equation } = attrs as Attributes & { equation: string };
  const operands = listOf(inputs);
  const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
  const sizes: number[] = [];
  operands.forEach(({ shape }, i) => {
    idDims[i]!.forEach((dim, axis) => {
      sizes[dim] = shape[axis]!;
    });
  });
  const output = equation.split('->')[1] ?? '';
  return float([...output.trim()].map((dim) => sizes[allDims.indexOf(dim)]!));
};

/** Products, convolutions and pools. */
export const PRODUCTS: RuleTable = {
  ...forAll('BatchMatMul _FusedMatMul', matMul),
  Einsum: einsum,
  ...forAll('Conv2D FusedConv2D', convolution(false)),
  ...forAll('DepthwiseConv2dNative FusedDepthwiseConv2D', convolution(true)),
  ...forAll('Conv2DBackpropInput DepthwiseConv2dNativeBackpropInput', (_, { inputShape }) => float(inputShape)),
  ...forAll('Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter', (_, { filterShape }) => float(filterShape)),
  ...forAll('MaxPool AvgPool', ({ x }, attrs) => ({ shape: poolInfo(x!.shape, attrs).outShape, dtype: x!.dtype })),
  ...forAll('MaxPoolGrad AvgPoolGrad', ({ input }) => float(input!.shape)),
  ...forAll('ResizeBilinear ResizeNearestNeighbor', ({ images }, { size }) => {
    const [height, width] = size as [number, number];
    const dtype = images!.dtype;
    return { shape: [images!.shape[0]!, height, width, images!.shape[3]!], dtype };
  }),
  ...forAll('ResizeBilinearGrad ResizeNearestNeighborGrad', ({ images }) => float(images!.shape)),
  ...forAll('LRN LRNGrad', ({ x }) => float(x!.shape)),
  FusedBatchNorm: ({ x }) => float(x!.shape),
};

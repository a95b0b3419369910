import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import { forAll, listOf, type Rule, type RuleTable, type Shaped } from './rule.ts';

const withShape = ({ dtype }: Shaped, shape: readonly number[]): Shaped => ({ shape, dtype });

const padded: Rule = ({ x }, { paddings }) =>
  withShape(
    x!,
    x!.shape.map((size, i) => size + paddings[i]![0] + paddings[i]![1]),
  );

/** Batch and channels of an image and the rest, by data format. */
function depthToSpace([a, b, c, d]: readonly number[], block: number, format = 'NHWC'): number[] {
  return format === 'NHWC'
    ? [a!, b! * block, c! * block, d! / block ** 2]
    : [a!, b! / block ** 2, c! * block, d! * block];
}

/** Kernels that only move elements. */
export const MOVEMENT: RuleTable = {
  Reshape: ({ x }, { shape }) => withShape(x!, util.inferFromImplicitShape(shape!, util.sizeFromShape([...x!.shape]))),
  ExpandDims: ({ input }, { dim }) => {
    const at = dim! < 0 ? input!.shape.length + dim! + 1 : dim!;
    return withShape(input!, [...input!.shape.slice(0, at), 1, ...input!.shape.slice(at)]);
  },
  Transpose: ({ x }, { perm }) =>
    withShape(
      x!,
      perm!.map((axis) => x!.shape[axis]!),
    ),
  Tile: ({ x }, { reps }) =>
    withShape(
      x!,
      x!.shape.map((size, i) => size * reps![i]!),
    ),
  BroadcastTo: ({ x }, { shape }) => withShape(x!, shape!),
  Reverse: ({ x }) => withShape(x!, x!.shape),
  Slice: ({ x }, { begin, size }) => {
    const [, sizes] = slice_util.parseSliceParams({ ...x!, shape: [...x!.shape], dataId: {} }, begin, size);
    return withShape(x!, sizes!);
  },
  StridedSlice: ({ x }, attrs) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
    const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
    return withShape(x!, slice_util.sliceInfo([...x!.shape], begin, end, strides, ...masks).finalShape);
  },
  ...forAll('PadV2 MirrorPad', padded),
  Concat: (inputs, { axis }) => {
    const parts = listOf(inputs);
    const shapes = parts.map(({ shape }) => [...shape]);
    const [at] = util.parseAxisParam(axis!, shapes[0]!);
    return withShape(parts[0]!, backend_util.computeOutShape(shapes, at!));
  },
  Pack: (inputs, { axis }) => {
    const parts = listOf(inputs);
    const at = (axis as number) < 0 ? parts[0]!.shape.length + (axis as number) + 1 : (axis as number);
    return withShape(parts[0]!, [...parts[0]!.shape.slice(0, at), parts.length, ...parts[0]!.shape.slice(at)]);
  },
  Unpack: ({ value }, { axis }) => {
    const [at] = util.parseAxisParam(axis!, [...value!.shape]);
    const one = withShape(
      value!,
      value!.shape.filter((_, i) => i !== at),
    );
    return Array.from({ length: value!.shape[at!]! }, () => one);
  },
  SplitV: ({ x }, { numOrSizeSplits, axis }) => {
    const [at] = util.parseAxisParam(axis!, [...x!.shape]);
    const sizes = backend_util.prepareSplitSize({ shape: [...x!.shape] } as never, numOrSizeSplits, at);
    return sizes.map((size) =>
      withShape(
        x!,
        x!.shape.map((old, i) => (i === at ? size : old)),
      ),
    );
  },
  DepthToSpace: ({ x }, { blockSize, dataFormat }) => withShape(x!, depthToSpace(x!.shape, blockSize, dataFormat)),
  SpaceToBatchND: ({ x }, { blockShape, paddings }) => {
    const blocks = blockShape.reduce((product, block) => product * block, 1);
    const shape = x!.shape.map((size, i) => {
      if (i === 0) return size * blocks;
      const block = blockShape[i - 1];
      return block ? (size + paddings[i - 1]![0] + paddings[i - 1]![1]) / block : size;
    });
    return withShape(x!, shape);
  },
  BatchToSpaceND: ({ x }, { blockShape, crops }) => {
    const blocks = blockShape.reduce((product, block) => product * block, 1);
    const shape = x!.shape.map((size, i) => {
      if (i === 0) return size / blocks;
      const block = blockShape[i - 1];
      return block ? size * block - crops[i - 1]![0]! - crops[i - 1]![1]! : size;
    });
    return withShape(x!, shape);
  },
};

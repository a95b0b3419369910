import type { FormTable, LoweringTable } from '../lowering.ts';
import { batchNorm, batchNormGradient, fusedBatchNorm } from './batch-norm.ts';
import { convBatchNorm, convBatchNormGradient } from './conv-batch-norm.ts';
import { conv2d } from './conv2d.ts';
import { depthwise } from './depthwise.ts';
import { depthwiseFilterGradient } from './depthwise-filter-gradient.ts';
import { filterForms } from './filter-forms.ts';
import { conv2dFilterGradient } from './filter-gradient.ts';
import { activationForms } from './image-forms.ts';
import { conv2dInputGradient, depthwiseInputGradient } from './input-gradient.ts';
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './pool.ts';
import { broadcastImage, spatialMean, spatialSum } from './spatial.ts';

/** Layouts of images, per-channel vectors and filters. */
export const imageForms: FormTable = { ...activationForms, ...filterForms };

/** Ways to lower kernels of images, those for blocks first. */
export const imageLowerings: LoweringTable = {
  Conv2D: conv2d,
  FusedConv2D: conv2d,
  Conv2DBackpropInput: conv2dInputGradient,
  Conv2DBackpropFilter: conv2dFilterGradient,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2D: depthwise,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  AvgPool: averagePool,
  AvgPoolGrad: averagePoolGradient,
  KdBatchNorm: batchNorm,
  KdBatchNormGrad: batchNormGradient,
  KdConvBatchNorm: convBatchNorm,
  KdConvBatchNormGrad: convBatchNormGradient,
  FusedBatchNorm: fusedBatchNorm,
  Mean: spatialMean,
  Sum: spatialSum,
  BroadcastTo: broadcastImage,
};

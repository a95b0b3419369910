import type { Graph } from '../graph/graph.ts';
import { geometryOf } from './geometry.ts';
import { GraphEditor } from './graph-editor.ts';
import { applyRules, type RewriteRule } from './rule.ts';
import { clipToRelu6, relu6Gradient, reluGradient } from './rules/activations.ts';
import { dropOne, scalarOperand, scaleBeforeBroadcast } from './rules/broadcasts.ts';
import { centreBatchNorm } from './rules/centre-batch-norm.ts';
import { convolutionBatchNorm } from './rules/convolution-batch-norm.ts';
import { batchNormActivation, batchNormSum, inputGradientSum } from './rules/epilogues.ts';
import { splitFusedKernel } from './rules/fused-kernels.ts';
import { padMaxPool } from './rules/pad-max-pool.ts';
import { padConvolution, sliceInputGradient } from './rules/padding.ts';
import { recomputeGelu } from './rules/recompute-gelu.ts';
import { dropIdentity, expandToReshape, mergeReshapes, mergeTransposes, tileToBroadcast } from './rules/shapes.ts';
import { biasBeforeReshape, singleProduct } from './rules/single-products.ts';
import { shareEqualNodes } from './share-equal-nodes.ts';

/** Rules that only make fewer kinds of kernels, or fewer kernels. */
const SIMPLIFICATIONS: readonly RewriteRule[] = [
  splitFusedKernel,
  expandToReshape,
  mergeReshapes,
  mergeTransposes,
  tileToBroadcast,
  dropIdentity,
  scalarOperand,
  dropOne,
  scaleBeforeBroadcast,
  clipToRelu6,
  relu6Gradient,
  reluGradient,
  singleProduct,
  biasBeforeReshape,
];

/** Rules that make kernels which only a lowering knows: see passes/README.md. */
const FUSIONS: readonly RewriteRule[] = [
  padConvolution,
  sliceInputGradient,
  padMaxPool,
  convolutionBatchNorm,
  batchNormActivation,
  batchNormSum,
  inputGradientSum,
];

/** Rules for what the others have left; what these make, the first would take apart again. */
const LAST: readonly RewriteRule[] = [centreBatchNorm, recomputeGelu];

/**
 * A graph that computes the same with fewer and coarser kernels, each convolution and pool with its `geometry`. The one
 * that is given stays as it is.
 */
export function optimizeGraph(graph: Graph): Graph {
  const editor = new GraphEditor(graph);
  shareEqualNodes(editor);
  applyRules(editor, [...SIMPLIFICATIONS, ...FUSIONS]);
  applyRules(editor, LAST);
  const optimized = editor.finish();
  for (const node of optimized.nodes) {
    const geometry = geometryOf(node);
    if (geometry) node.geometry = geometry;
  }
  return optimized;
}

import type { Node, Value } from '../../graph/graph.ts';
import { madeBy } from '../../graph/patterns.ts';
import type { GraphEditor } from '../graph-editor.ts';
import type { RewriteRule } from '../rule.ts';

const FUSED: Readonly<Record<string, string>> = {
  Conv2D: 'FusedConv2D',
  DepthwiseConv2dNative: 'FusedDepthwiseConv2D',
};

const isInput = ({ node, data }: Value): boolean => !node && !data;

/** The running mean that the batch's mean is averaged into: any other number would be right as well, only not as near. */
function runningMean(mean: Value, editor: GraphEditor): Value | undefined {
  for (const { op, ins } of editor.readersOf(mean)) {
    const other =
      op === 'KdEma' ? ins.average : op === 'Sub' || op === 'Add' ? (ins.a === mean ? ins.b : ins.a) : undefined;
    if (other && isInput(other) && other.shape.join() === mean.shape.join()) return other;
  }
  return undefined;
}

/** The batch-norm's gradients, if nothing but they and it read the convolution's output. */
function gradientsOf(norm: Node, editor: GraphEditor): Node[] | undefined {
  const [x, mean] = [norm.ins.x!, norm.outs[1]!];
  const others = editor.readersOf(x).filter((node) => node !== norm);
  const fits = others.every(
    ({ op, ins }) => op === 'KdBatchNormGrad' && ins.x === x && ins.saved0 === mean && ins.dy !== x,
  );
  return fits && editor.areReaders(x, [norm, ...others]) ? others : undefined;
}

/**
 * Batch-norm does not feel a constant that is added to all of a channel, so the convolution in front of it takes the running mean
 * off, as its bias, which costs nothing. What is left is near zero, and its variance can be the mean of squares less the
 * square of the mean, without losing digits where the mean is many deviations. The mean is added back behind batch-norm.
 *
 * The attribute `centred` says so to the lowering, which else computes the variance in two passes.
 */
export const centreBatchNorm: RewriteRule = {
  name: 'centre-batch-norm',
  ops: ['KdBatchNorm'],
  apply(norm, editor) {
    const convolution = madeBy(norm.ins.x, ...Object.keys(FUSED));
    const mean = norm.outs[1]!;
    const center = runningMean(mean, editor);
    const gradients = gradientsOf(norm, editor);
    if (!convolution || !center || !gradients || norm.attrs.centred) return false;
    const { x, filter } = convolution.ins as { x: Value; filter: Value };
    const y = convolution.outs[0]!;
    const bias = editor.make('Neg', { x: center }, center);
    const attrs = { ...convolution.attrs, activation: 'linear' };
    const centred = editor.make(FUSED[convolution.op]!, { x, filter, bias }, y, attrs);
    editor.replace(y, centred);
    for (const node of [norm, ...gradients]) node.attrs = { ...node.attrs, centred: true };
    const back = editor.add('Add', {}, { a: center, b: center }, [mean]);
    editor.replace(mean, back.outs[0]!);
    editor.setInputs(back, { a: mean, b: center });
    for (const gradient of gradients) editor.setInputs(gradient, { ...gradient.ins, saved0: mean });
    return true;
  },
};

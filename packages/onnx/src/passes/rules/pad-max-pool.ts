import type { Node, Value } from '../../graph/graph.ts';
import { madeBy } from '../../graph/patterns.ts';
import { geometryOf } from '../geometry.ts';
import type { GraphEditor } from '../graph-editor.ts';
import type { RewriteRule } from '../rule.ts';
import { withPadding } from './padding.ts';

/** Whether there are no negative values: where a ReLU gave them. */
const isRectified = ({ node, index }: Value): boolean =>
  index === 0 && (node?.op === 'Relu' || node?.op === 'Relu6' || node?.attrs.act !== undefined);

/** What pads below every other number, as `maxPool` of @kd/ops does it. */
const LEAST = -3.4e38;

const isLeast = ({ attrs }: Node): boolean => (attrs.constantValue as number) <= LEAST;

interface Backward {
  pool: Node;
  slice: Node;
}

/**
 * The pool's gradient and the slice that takes the image out of it. With zeros around, that must go through the gate of the
 * ReLU alone: there it does not matter which of several zeros a window gives its gradient to.
 */
function backwardOf(padded: Value, pool: Node, editor: GraphEditor): Backward | undefined {
  const image = padded.node!.ins.x!;
  const gradient = editor.readersOf(padded).find(({ op }) => op === 'MaxPoolGrad');
  if (!gradient) return undefined;
  const [slice] = editor.readersOf(gradient.outs[0]!);
  if (slice?.op !== 'Slice' || !editor.isOnlyReader(slice, gradient.outs[0]!)) return undefined;
  if (gradient.ins.input !== padded || !editor.areReaders(padded, [pool, gradient])) return undefined;
  const gates = editor.readersOf(slice.outs[0]!);
  const isGated = gates.every(
    ({ op, ins }) => /^KdRelu6?Grad$/.test(op) && ins.y === image && ins.dy === slice.outs[0],
  );
  const passesGates = gates.length > 0 && isGated && editor.areReaders(slice.outs[0]!, gates);
  if (!passesGates && !isLeast(padded.node!)) return undefined;
  const [top, left] = (padded.node!.attrs.paddings as number[][]).slice(1).map(([before]) => before);
  const sameImage = slice.outs[0]!.shape.join() === image.shape.join();
  const [, row, column] = slice.attrs.begin as number[];
  return sameImage && row === top && column === left ? { pool: gradient, slice } : undefined;
}

/** The least number around anything, and zeros around the output of a ReLU, become the pool's own padding, which is less than any number, forward and backward. */
export const padMaxPool: RewriteRule = {
  name: 'pad-max-pool',
  ops: ['MaxPool'],
  apply(node, editor) {
    const padded = node.ins.x!;
    const padding = madeBy(padded, 'PadV2');
    if (!padding) return false;
    if (!isLeast(padding) && (padding.attrs.constantValue !== 0 || !isRectified(padding.ins.x!))) return false;
    const [batch, , , channels] = padding.attrs.paddings as [number, number][];
    if ([...batch!, ...channels!].some((amount) => amount !== 0)) return false;
    const backward = backwardOf(padded, node, editor);
    if (!backward && !editor.isOnlyReader(node, padded)) return false;
    const attrs = withPadding(node, padding);
    const { kernel, pads } = geometryOf({ ...node, attrs, ins: { x: padding.ins.x! } })!;
    if (pads.some((pad, i) => pad >= kernel[i % 2]!)) return false;
    const image = padding.ins.x!;
    const y = editor.make('MaxPool', { x: image }, node.outs[0]!, attrs);
    if (backward) {
      const ins = { dy: backward.pool.ins.dy!, input: image, output: y };
      editor.replace(backward.slice.outs[0]!, editor.make('MaxPoolGrad', ins, image, attrs));
    }
    editor.replace(node.outs[0]!, y);
    return true;
  },
};

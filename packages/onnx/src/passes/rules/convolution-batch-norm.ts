import { dependsOn } from '../../graph/depends-on.ts';
import type { Node } from '../../graph/graph.ts';
import { madeBy } from '../../graph/patterns.ts';
import { geometryOf } from '../geometry.ts';
import type { GraphEditor } from '../graph-editor.ts';
import type { RewriteRule } from '../rule.ts';

/** Outputs per input from which the Gram matrix of the narrow side can cost less than passes over the wide one. */
const EXPANSION = 2;

/**
 * Multiplications for each element of the wide tensor up to which it does: with P pixels, I inputs and O outputs, products of
 * I² (P + O) stand against passes over P O elements. Few pixels and many channels, as at the end of MobileNetV2, are too much.
 */
const MOST_PRODUCTS = 50;

/** A convolution of one pixel that makes more channels, of enough pixels. */
function isExpanding(node: Node): boolean {
  const { kernel, strides, pads } = geometryOf(node)!;
  const [, , inputs, outputs] = node.ins.filter!.shape as [number, number, number, number];
  const [batch, height, width] = node.ins.x!.shape as [number, number, number];
  const isPointwise = [...kernel, ...strides].every((each) => each === 1) && pads.every((pad) => pad === 0);
  const products = inputs ** 2 * (1 / (batch * height * width) + 1 / outputs);
  return isPointwise && outputs >= EXPANSION * inputs && products <= MOST_PRODUCTS;
}

interface Backward {
  norm: Node;
  filter: Node;
  input?: Node;
}

/** The gradients of a convolution and of the batch-norm behind it, if nothing else reads what is between them. */
function backwardOf(convolution: Node, norm: Node, editor: GraphEditor): Backward | undefined {
  const y = convolution.outs[0]!;
  const normGrad = editor.readersOf(y).find(({ op, ins }) => op === 'KdBatchNormGrad' && ins.x === y);
  if (!normGrad || !editor.areReaders(y, [norm, normGrad]) || normGrad.ins.dy === y) return undefined;
  if (normGrad.ins.saved0 !== norm.outs[1] || normGrad.ins.saved1 !== norm.outs[2]) return undefined;
  const dy = normGrad.outs[0]!;
  const readers = editor.readersOf(dy);
  const filter = readers.find(({ op, ins }) => op === 'Conv2DBackpropFilter' && ins.x === convolution.ins.x);
  const input = readers.find(({ op, ins }) => op === 'Conv2DBackpropInput' && ins.filter === convolution.ins.filter);
  if (!filter || !editor.areReaders(dy, input ? [filter, input] : [filter])) return undefined;
  if (input?.ins.z && dependsOn(input.ins.z, [normGrad, filter])) return undefined;
  return { norm: normGrad, filter, ...(input ? { input } : {}) };
}

/**
 * An expanding 1x1 convolution and the batch-norm behind it, forward and backward, become `KdConvBatchNorm` and
 * `KdConvBatchNormGrad`: statistics of the wide output follow from the mean and the Gram matrix of the narrow input.
 */
export const convolutionBatchNorm: RewriteRule = {
  name: 'convolution-batch-norm',
  ops: ['KdBatchNorm'],
  apply(norm, editor) {
    const convolution = madeBy(norm.ins.x, 'Conv2D');
    if (!convolution || norm.ins.z || !isExpanding(convolution)) return false;
    const found = backwardOf(convolution, norm, editor);
    if (!found) return false;
    const { x, filter } = convolution.ins as Required<Node['ins']>;
    const { gamma, beta } = norm.ins;
    const forward = editor.add(
      'KdConvBatchNorm',
      norm.attrs,
      { x: x!, filter: filter!, gamma: gamma!, beta: beta! },
      norm.outs,
    );
    const z = found.input?.ins.z;
    const backward = editor.add(
      'KdConvBatchNormGrad',
      found.norm.attrs,
      {
        dy: found.norm.ins.dy!,
        x: x!,
        filter: filter!,
        gamma: gamma!,
        saved0: forward.outs[1]!,
        saved1: forward.outs[2]!,
        ...(z ? { z } : {}),
      },
      [x!, filter!, gamma!, beta!],
    );
    const [dx, dFilter, dGamma, dBeta] = backward.outs;
    norm.outs.forEach((value, i) => {
      editor.replace(value, forward.outs[i]!);
    });
    if (found.input) editor.replace(found.input.outs[0]!, dx!);
    editor.replace(found.norm.outs[1]!, dGamma!);
    editor.replace(found.norm.outs[2]!, dBeta!);
    editor.replace(found.filter.outs[0]!, dFilter!);
    return true;
  },
};

import { splatOf } from '../../graph/constants.ts';
import type { Node, Value } from '../../graph/graph.ts';
import { eitherWay, madeBy } from '../../graph/patterns.ts';
import type { GraphEditor } from '../graph-editor.ts';
import type { RewriteRule } from '../rule.ts';

const isStep = (node: Node | undefined): node is Node =>
  node !== undefined && ((node.attrs.alpha as number) ?? 0) === 0;

/** What the activation of this kind makes of x. */
function activationOf(editor: GraphEditor, op: string, x: Value): Value | undefined {
  return editor.readersOf(x).find((node) => node.op === op)?.outs[0];
}

/** The x of `x > 0` as a number. */
function positivePartOf(value: Value): Value | undefined {
  const step = madeBy(value, 'Step');
  return isStep(step) ? step.ins.x : undefined;
}

/** `min(max(x, 0), 6)`, as the layer ReLU with a largest value writes it. */
export const clipToRelu6: RewriteRule = {
  name: 'clip-to-relu6',
  ops: ['ClipByValue'],
  apply({ ins, attrs, outs }, editor) {
    if (attrs.clipValueMin !== 0 || attrs.clipValueMax !== 6) return false;
    const relu = madeBy(ins.x, 'Relu');
    editor.replace(outs[0]!, editor.make('Relu6', { x: relu?.ins.x ?? ins.x! }, outs[0]!));
    return true;
  },
};

/** The x of `0 <= relu(x) && relu(x) <= 6`. */
function clippedOf(condition: Value): Value | undefined {
  const both = madeBy(condition, 'LogicalAnd');
  const [low, high] = [madeBy(both?.ins.a, 'GreaterEqual'), madeBy(both?.ins.b, 'LessEqual')];
  if (!low || !high || low.ins.a !== high.ins.a) return undefined;
  if (splatOf(low.ins.b!) !== 0 || splatOf(high.ins.b!) !== 6) return undefined;
  return madeBy(low.ins.a, 'Relu')?.ins.x;
}

/** The x of `(x <= 6) * (x > 0)` as numbers. */
function gateOf(value: Value): Value | undefined {
  const product = madeBy(value, 'Multiply');
  if (!product) return undefined;
  for (const [below, above] of eitherWay(product)) {
    const x = positivePartOf(above);
    const comparison = madeBy(madeBy(below, 'Cast')?.ins.x ?? below, 'LessEqual');
    if (x && comparison?.ins.a === x && splatOf(comparison.ins.b!) === 6) return x;
  }
  return undefined;
}

/**
 * The gradient of ReLU6 in TF.js' two ways, `tf.relu6` and `clipByValue(relu(x), 0, 6)`, is `KdRelu6Grad`. They differ where x
 * is 6 to the last bit: there TF.js passes the gradient, and `KdRelu6Grad`, TensorFlow and PyTorch do not.
 */
export const relu6Gradient: RewriteRule = {
  name: 'relu6-gradient',
  ops: ['Multiply'],
  apply(node, editor) {
    const found = (dy: Value, x: Value): boolean => {
      const y = activationOf(editor, 'Relu6', x);
      if (y) editor.replace(node.outs[0]!, editor.make('KdRelu6Grad', { dy, y }, node.outs[0]!));
      return y !== undefined;
    };
    for (const [dy, gate] of eitherWay(node)) {
      const whole = gateOf(gate);
      if (whole && found(dy, whole)) return true;
      const above = positivePartOf(gate);
      const chosen = madeBy(dy, 'Select');
      if (!above || !chosen || splatOf(chosen.ins.e!) !== 0 || clippedOf(chosen.ins.condition!) !== above) continue;
      if (found(chosen.ins.t!, above)) return true;
    }
    return false;
  },
};

/** `dy * (x > 0)` is `KdReluGrad`, by what ReLU gave: then x is read by nothing else. */
export const reluGradient: RewriteRule = {
  name: 'relu-gradient',
  ops: ['Multiply'],
  apply(node, editor) {
    for (const [dy, gate] of eitherWay(node)) {
      const x = positivePartOf(gate);
      const y = x && activationOf(editor, 'Relu', x);
      if (!y || dy.shape.join() !== y.shape.join()) continue;
      editor.replace(node.outs[0]!, editor.make('KdReluGrad', { dy, y }, node.outs[0]!));
      return true;
    }
    return false;
  },
};

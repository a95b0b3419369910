import { backend_util } from '@tensorflow/tfjs-core';
import type { Name } from './lowering.ts';

type Shape = readonly number[];

/** Operations whose operands broadcast to the shape of the result. */
const BROADCASTING: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Max',
  'Min',
  'Softmax',
  'Relu',
  'Clip',
]);

/** Shapes of the tensors of a graph, as far as they follow from how they are made. */
export class KnownShapes {
  private readonly shapes = new Map<Name, Shape>();
  /** What a reshaped tensor was before. */
  private readonly sources = new Map<Name, Name>();

  get(name: Name): Shape | undefined {
    return this.shapes.get(name);
  }

  /** Notes a shape, if it is known. @returns the name */
  note(name: Name, shape: Shape | undefined): Name {
    if (shape) this.shapes.set(name, shape);
    return name;
  }

  noteReshape(name: Name, source: Name, shape: Shape): Name {
    this.sources.set(name, source);
    return this.note(name, shape);
  }

  /** The tensor to reshape in place of one that has been reshaped itself. */
  sourceOf(name: Name): Name {
    return this.sources.get(name) ?? name;
  }

  /** Of the result of an operation, if that only depends on the operands' shapes. */
  ofResult(op: string, operands: readonly Name[]): Shape | undefined {
    const shapes = operands.map((name) => this.shapes.get(name));
    if (op === 'MatMul' && shapes[0] && shapes[1]) return productShape(shapes[0], shapes[1]);
    if (!BROADCASTING.has(op) || shapes.some((shape) => !shape)) return undefined;
    let all: number[] = [];
    for (const shape of shapes as Shape[]) all = backend_util.assertAndGetBroadcastShape(all, [...shape]);
    return all;
  }
}

/** Of a product of matrices; their outer dimensions broadcast. */
export function productShape(a: Shape, b: Shape): Shape | undefined {
  if (a.length < 2 || b.length < 2) return undefined;
  const outer = backend_util.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2));
  return [...outer, a.at(-2)!, b.at(-1)!];
}

/** With the last two dimensions exchanged. */
export const turnedShape = (shape: Shape): Shape => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];

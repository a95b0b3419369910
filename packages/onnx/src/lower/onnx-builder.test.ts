import { describe, expect, it } from 'vitest';
import { OnnxBuilder } from './onnx-builder.ts';

const port = (name: string) => ({ name, shape: [], type: 'float32' as const });

/** A forward pass a, b and its gradients: db and gb of b, then ga of a; the loss is b. */
function layers(): { builder: OnnxBuilder; b: string; gb: string; ga: string } {
  const builder = new OnnxBuilder();
  const one = (op: string, ...ins: string[]): string => builder.node(1, op, ins, {}, '')[0]!;
  const a = one('A', 'x');
  const b = one('B', a);
  const gb = one('GradientOfB', a, b);
  const db = one('BackThroughB', b);
  const ga = one('GradientOfA', db);
  one('NobodyNeedsThis', db);
  return { builder, b, gb, ga };
}

describe('finish', () => {
  it('lets the nodes write the outputs, and copies only what is one already', () => {
    const { builder, b, gb } = layers();
    const constant = builder.constant(Float32Array.of(1), []);
    const { nodes, outputs } = builder.finish(
      [port('x')],
      [
        { ...port('loss'), inner: b },
        { ...port('again'), inner: b },
        { ...port('same'), inner: 'x' },
        { ...port('one'), inner: constant },
        { ...port('gb'), inner: gb },
      ],
    );
    expect(outputs.map(({ name }) => name)).toEqual(['loss', 'again', 'same', 'one', 'gb']);
    const made = Object.fromEntries(nodes.map(({ op, ins, outs }) => [outs[0], [op, ...ins]]));
    expect(made).toMatchObject({
      loss: ['B', expect.any(String)],
      again: ['Identity', 'loss'],
      same: ['Identity', 'x'],
      one: ['Identity', constant],
      gb: ['GradientOfB', expect.any(String), 'loss'],
    });
    expect(nodes).toHaveLength(6); // and A
  });

  it('puts last what nobody reads, the first layer first: ONNX Runtime begins at the end', () => {
    const { builder, b, gb, ga } = layers();
    const { nodes } = builder.finish(
      [port('x')],
      [
        { ...port('ga'), inner: ga },
        { ...port('gb'), inner: gb },
        { ...port('loss'), inner: b },
      ],
    );
    expect(nodes.map(({ op }) => op)).toEqual(['A', 'B', 'BackThroughB', 'GradientOfA', 'GradientOfB']);
  });
});

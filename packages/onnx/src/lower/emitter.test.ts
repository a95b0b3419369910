import { describe, expect, it } from 'vitest';
import type { Node, Value } from '../graph/graph.ts';
import type { OnnxModel } from '../onnx-file/onnx-model.ts';
import { createEmitter, type GraphEmitter } from './emitter.ts';
import { TABLES } from './table.ts';

const make = (contrib = true): GraphEmitter => createEmitter({ block: 1, contrib }, TABLES);
const value = (shape: readonly number[]): Value => ({ shape, dtype: 'float32' });
const finish = (emitter: GraphEmitter, ...inner: string[]): OnnxModel =>
  emitter.finish(
    [],
    inner.map((name, i) => ({ name: `out${i}`, shape: [], type: 'float32', inner: name })),
  ); // prettier-ignore
const ops = (emitter: GraphEmitter, ...inner: string[]): string[] =>
  finish(emitter, ...inner).nodes.map(({ op }) => op);

describe('the emitter', () => {
  it('shares equal nodes and constants, and leaves out what nobody needs', () => {
    const emitter = make();
    const first = emitter.mul('x', emitter.scalar(2));
    expect(emitter.mul('x', emitter.scalar(2))).toBe(first);
    emitter.op('Exp', [first]);
    const model = finish(emitter, first);
    expect(model.nodes.map(({ op }) => op)).toEqual(['Mul']);
    expect(model.constants).toHaveLength(1);
  });

  it('tells apart what only JSON thinks equal', () => {
    const emitter = make();
    const clip = (float: number) => emitter.op('LeakyRelu', ['x'], { alpha: { float } });
    const names = [NaN, Infinity, -Infinity, 0, -0].map(clip);
    expect(new Set(names).size).toBe(5);
    expect(emitter.scalar(0)).not.toBe(emitter.scalar(-0));
    expect(emitter.constant(Int32Array.of(0), [])).not.toBe(emitter.scalar(0));
  });

  it('makes a form once, from the value as it lies', () => {
    const emitter = make();
    const image = value([1, 2, 3, 4]);
    emitter.put(image, 'tf', 'x');
    expect(emitter.has(image, 'nchw')).toBe(false);
    expect(emitter.get(image, 'nchw')).toBe(emitter.get(image, 'nchw'));
    expect(ops(emitter, emitter.get(image, 'nchw'))).toEqual(['Transpose']);
    expect(() => emitter.get(value([2]))).toThrow();
  });

  it('pays for a pending factor when somebody asks for the plain form', () => {
    const emitter = make();
    const image = value([1, 2, 3, 4]);
    emitter.putScaled(image, { layout: 'tf', name: 'raw', factor: emitter.temporary([4], { tf: 'factor' }) });
    expect([emitter.has(image, 'tf'), emitter.scaled(image)?.name]).toEqual([true, 'raw']);
    expect(ops(emitter, emitter.get(image))).toContain('Mul');
    expect(emitter.scaled(image)).toBeUndefined();
  });

  it('merges reshapes and drops those that change nothing', () => {
    const emitter = make();
    const x = value([2, 6]);
    emitter.put(x, 'tf', 'x');
    const rows = emitter.reshape(emitter.get(x), [3, 4]);
    expect(ops(emitter, emitter.reshape(rows, [12]))).toEqual(['Reshape']);
    expect(emitter.reshape(rows, [2, 6])).toBe('x');
    expect(emitter.reshape(rows, [3, 4])).toBe(rows);
  });

  it('transposes operands by FusedMatMul, or by Transpose where only standard operators may be used', () => {
    const product = (emitter: GraphEmitter): string[] => {
      const [a, b] = [value([5, 2, 3]), value([4, 3])];
      emitter.put(a, 'tf', 'a');
      emitter.put(b, 'tf', 'b');
      return ops(emitter, emitter.matMul('a', 'b', { transposeB: true, alpha: 2 }));
    };
    expect(product(make())).toEqual(['FusedMatMul']);
    expect(product(make(false))).toEqual(['Transpose', 'MatMul', 'Mul']);
    expect(() => make(false).matMul('a', 'b', { transposeA: true })).toThrow("matMul: the shape of 'a' is not known");
  });

  it('names the kernel that it cannot lower, and the way out', () => {
    const node: Node = { op: 'Multinomial', attrs: { seed: 1 }, ins: { logits: value([2, 3]) }, outs: [value([2])] };
    expect(() => make().emit(node)).toThrow(
      'lowerGraph: there is no lowering for Multinomial: Multinomial (logits float32 [2,3]) {"seed":1}; write the function without this op, or run it on a TF.js backend',
    );
  });
});

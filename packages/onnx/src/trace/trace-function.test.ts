import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { KdError } from '@kd/core';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TraceResult, traceFunction } from './trace-function.ts';

type Fn = (...args: tf.Tensor[]) => TraceResult;

beforeEach(() => tf.setBackend('cpu'));

const matrix = { shape: [4, 2], dtype: 'float32' } as const;
const ops = (fn: Fn, args = [matrix]): string[] => traceFunction(fn, args).nodes.map(({ op }) => op);

function variable(name: string, ...values: number[]): tf.Variable {
  tf.engine().registeredVariables[name]?.dispose();
  return tf.tidy(() => tf.variable(tf.tensor(values), true, name));
}

describe('traceFunction: the graph', () => {
  it('has arguments and states as inputs, results and assigned states as outputs', () => {
    const [w, unused] = [variable('w', 1, 2), variable('unused', 0)];
    const mean = variable('mean', 0, 0);
    const graph = traceFunction(
      (x, y) => {
        mean.assign(tf.sub(mean, tf.mul(x, w)) as never);
        return { sum: tf.add(x, y), first: x };
      },
      [
        { shape: [2], dtype: 'float32', name: 'x' },
        { shape: [], dtype: 'int32' },
      ],
      { variables: [unused] },
    );
    expect(graph.inputs.map(({ name, kind }) => [name, kind])).toEqual([
      ['x', 'argument'],
      ['argument1', 'argument'],
      ['state/unused', 'state'],
      ['state/w', 'state'],
      ['state/mean', 'state'],
    ]);
    expect(graph.inputs[3]!.variable).toBe(w);
    expect(graph.outputs.map(({ name, kind }) => [name, kind])).toEqual([
      ['sum', 'result'],
      ['first', 'result'],
      ['assigned/mean', 'state'],
    ]);
    expect(graph.outputs[1]!.value).toBe(graph.inputs[0]!.value);
    expect(graph.outputs[2]!.variable).toBe(mean);
  });

  it('leaves out what changes nothing and what nobody reads', () => {
    const fn: Fn = (x) => {
      tf.exp(x);
      return tf.square(tf.reshape(tf.reshape(tf.cast(tf.clone(x), 'float32'), [8]), [4, 2]));
    };
    expect(ops(fn)).toEqual(['Square']);
  });

  it('computes constants, and keeps those that are one number small', () => {
    const graph = traceFunction(
      (x) => tf.mul(tf.add(x, tf.mul(tf.add(tf.ones([1000, 2]), 1), 3)), tf.tensor1d([1, 2])),
      [{ shape: [1000, 2], dtype: 'float32' }],
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Fill', 'Add', 'Multiply']);
    expect(graph.nodes[0]!.attrs).toEqual({ shape: [1000, 2], value: 6, dtype: 'float32' });
    expect(Array.from(graph.nodes[2]!.ins.b!.data!)).toEqual([1, 2]);
  });

  it('takes tensors from outside for constants, also those of another backend', async () => {
    const outside = tf.tensor1d([3, 5]);
    await tf.setBackend('wasm');
    const wasm = tf.tensor1d([7, 11]);
    const graph = traceFunction((x) => tf.add(tf.mul(x, outside), wasm), [matrix]);
    expect(graph.nodes.map(({ ins }) => Array.from(ins.b!.data!))).toEqual([
      [3, 5],
      [7, 11],
    ]);
  });

  it('knows a copy of a variable from the variable', () => {
    const w = variable('w', 1, 2);
    const copy = tf.clone(w);
    const graph = traceFunction((x) => tf.sub(tf.mul(x, w), copy), [matrix]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['argument0', 'state/w']);
    expect(Array.from(graph.nodes[1]!.ins.b!.data!)).toEqual([1, 2]);
  });

  it('takes what is assigned from outside: another variable, which is a state, and a tensor, which is a constant', () => {
    const [target, online, other] = [variable('target', 1, 2), variable('online', 3, 4), variable('other', 5, 6)];
    const outside = tf.tensor1d([7, 8]);
    const before = { ...tf.memory() };
    const graph = traceFunction(
      (x) => {
        target.assign(online as tf.Tensor as never);
        other.assign(outside as never);
        return tf.add(tf.mul(x, target), other);
      },
      [matrix],
    );
    expect(graph.inputs.map(({ name }) => name)).toEqual(['argument0', 'state/online']);
    const [first, second] = graph.nodes;
    expect(first!.ins.b).toBe(graph.inputs[1]!.value);
    expect(Array.from(second!.ins.b!.data!)).toEqual([7, 8]);
    expect(graph.outputs.slice(1)).toMatchObject([
      { name: 'assigned/target', value: first!.ins.b! },
      { name: 'assigned/other', value: second!.ins.b! },
    ]);
    expect(tf.memory()).toEqual(before);
    expect([target, online, other].map((each) => Array.from(each.dataSync()))).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(Array.from(outside.dataSync())).toEqual([7, 8]);
  });

  it('is traced with training kernels on every backend', async () => {
    await tf.setBackend('wasm');
    const layer = tfl.layers.batchNormalization({});
    layer.build([4, 2]);
    const graph = traceFunction((x) => layer.apply(x, { training: true }) as tf.Tensor, [matrix]);
    expect(graph.nodes[0]!.op).toBe('KdBatchNorm');
  });
});

describe('traceFunction: what it leaves as it was', () => {
  const stateOf = () => ({
    backend: tf.getBackend(),
    backends: tf.engine().backendNames(),
    memory: { ...tf.memory() },
  });

  const step = (w: tf.Variable): Fn => {
    const kept: tf.Tensor[] = [];
    return (x) => {
      const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(tf.mul(x, w))) as tf.Scalar, [w]);
      w.assign(tf.sub(w, grads[w.name]!));
      w.assign(tf.mul(w, 2));
      kept.push(tf.keep(tf.clone(value)));
      return { value, gradient: grads[w.name]! };
    };
  };

  it.each(['cpu', 'wasm'])('variables, memory, backend and registries of %s', async (backend) => {
    await tf.setBackend(backend);
    const w = variable('w', 1, 2);
    const { dataId } = w;
    const before = stateOf();
    const gradient = tf.getGradient('FusedBatchNorm');
    expect(traceFunction(step(w), [matrix]).outputs.map(({ name }) => name)).toContain('assigned/w');
    expect(w.dataId).toBe(dataId);
    expect(Array.from(w.dataSync())).toEqual([1, 2]);
    expect(stateOf()).toEqual(before);
    expect(tf.getKernelsForBackend('kd-trace')).toEqual([]);
    expect(tf.getGradient('FusedBatchNorm')).toBe(gradient);
    w.dispose();
    expect(tf.memory().numTensors).toBe(before.memory.numTensors - 1);
    expect(tf.memory().numDataBuffers).toBe(before.memory.numDataBuffers - 1);
  });

  it('the same if the function throws, inside of gradients, scopes and all', () => {
    const w = variable('w', 1, 2);
    const before = stateOf();
    const failing: Fn = (x) =>
      tf.tidy(() => {
        const { value } = tf.variableGrads(() => {
          w.assign(tf.mul(w, 2));
          tf.keep(tf.square(x));
          if (x.rank === 2) throw new Error('of my own');
          return tf.mean(w) as tf.Scalar;
        }, [w]);
        return value;
      });
    expect(() => traceFunction(failing, [matrix])).toThrow('of my own');
    expect(stateOf()).toEqual(before);
    expect(Array.from(w.dataSync())).toEqual([1, 2]);
    expect(tf.engine().state.gradientDepth).toBe(0);
    expect(tf.engine().state.kernelDepth).toBe(0);
  });

  it('variables of another backend than the current one', async () => {
    const w = variable('w', 1, 2);
    await tf.setBackend('wasm');
    const before = stateOf();
    traceFunction(step(w), [matrix]);
    expect(stateOf()).toEqual(before);
    expect(Array.from(w.dataSync())).toEqual([1, 2]);
  });
});

describe('traceFunction: errors', () => {
  const refused = (fn: Fn, args: readonly { shape: readonly number[]; dtype: tf.DataType }[] = [matrix]): KdError => {
    const memory = { ...tf.memory() };
    try {
      traceFunction(fn, args);
    } catch (error) {
      expect(KdError.isInstance(error)).toBe(true);
      expect(tf.memory()).toEqual(memory);
      return error as KdError;
    }
    throw new Error('was not refused');
  };

  it.each<[string, Fn]>([
    ['dataSync', (x) => tf.scalar(x.dataSync()[0]!)],
    ['arraySync', (x) => tf.tensor(x.arraySync())],
    ['a branch on a value', (x) => ((tf.sum(x).dataSync()[0] ?? 0) > 0 ? x : tf.neg(x))],
    [
      'print',
      (x) => {
        x.print();
        return x;
      },
    ],
    [
      'data, although nobody waits for it',
      (x) => {
        void x.data().then(() => {});
        return tf.square(x);
      },
    ],
    [
      'dataSync, although its error is caught',
      (x) => {
        try {
          x.dataSync();
        } catch {}
        return tf.square(x);
      },
    ],
  ])('%s', (_, fn) => {
    const { code, message } = refused(fn);
    expect(code).toBe('UNSUPPORTED');
    expect(message).toMatch(/^traceFunction: a value was asked for .* a trace knows only shapes\. Return the tensor/);
    expect(message).toContain('trace-function.test.ts');
  });

  it.each<[string, Fn, RegExp]>([
    [
      'random numbers',
      (x) => tf.add(x, tf.randomNormal([4, 2])),
      /the constant float32 \[4,2\] that tf.randomNormal makes/,
    ],
    ['dropout', (x) => tf.dropout(many(x), 0.5), /that tf.dropout makes/],
    [
      'dropout of a layer',
      (x) => tfl.layers.dropout({ rate: 0.5 }).apply(many(x), { training: true }) as tf.Tensor,
      /that tf.dropout makes/,
    ],
    ['a counter', (x) => tf.mul(x, count++), /the constant float32 \[\] that tf.mul makes \(at 0: 0, then 1\)/],
    ['a counter in an attribute', (x) => tf.leakyRelu(x, count++), /an attribute of kernel LeakyRelu of tf.leakyRelu/],
    ['another kernel', (x) => (count++ % 2 ? tf.exp(x) : tf.log(x)), /kernel 0 is Log of tf.log, then Exp/],
    [
      'other inputs',
      (x) => (count++ % 2 ? tf.sub(x, tf.exp(x)) : tf.sub(tf.exp(x), x)),
      /input a of kernel Sub of tf.sub/,
    ],
    ['one kernel more', (x) => (count++ % 2 ? tf.exp(tf.log(x)) : tf.log(x)), /kernel Exp is missing at first/],
    ['a constant result', () => tf.scalar(count++), /the constant float32 \[\] that tf.tensor makes/],
  ])('%s: not the same from run to run', (_, fn, message) => {
    count = 0;
    const error = refused(fn);
    expect(error.message).toMatch(
      /^traceFunction: the function is not the same from run to run: .* has to be an argument/,
    );
    expect(error.message).toMatch(message);
  });
  let count = 0;
  // Of 8 elements one mask in 256 keeps none, which is another kernel, and two in 256 are the same.
  const many = (x: tf.Tensor): tf.Tensor => tf.tile(x, [32, 1]);

  it('takes seeded random numbers, which are the same', () => {
    expect(ops((x) => tf.add(x, tf.randomNormal([4, 2], 0, 1, 'float32', 3)))).toEqual(['Add']);
  });

  it('names a kernel without a rule, and the op that wants it', () => {
    const { code, message } = refused((x) => tf.multinomial(x as tf.Tensor2D, 3));
    expect(code).toBe('UNSUPPORTED');
    expect(message).toMatch(
      /^traceFunction: the kernel Multinomial cannot be traced \(asked for by tf.multinomial, .*\); compute it/,
    );
  });

  it('names the layer as well', () => {
    class Odd extends tfl.layers.Layer {
      static className = 'Odd';
      override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.unique((Array.isArray(x) ? x[0]! : x) as tf.Tensor1D).values;
      }
    }
    const layer = new Odd({});
    const { message } = refused((x) => layer.apply(x) as tf.Tensor, [{ shape: [4], dtype: 'float32' }]);
    expect(message).toContain('the kernel Unique cannot be traced (asked for by tf.unique, layer Odd');
  });

  it('names a kernel that no backend has', () => {
    const { message } = refused((x) => tf.engine().runKernel('Nonesuch', { x }));
    expect(message).toMatch(/^traceFunction: the kernel Nonesuch cannot be traced/);
  });

  it('refuses a large tensor from outside', () => {
    const large = tf.range(0, 2 ** 20 + 1);
    const { message } = refused((x) => tf.add(tf.sum(x), tf.sum(large)));
    expect(message).toMatch(
      /uses a tensor from outside of it \(float32 \[1048577\], 4.0 MB\) that is too large .* \(in tf.sum at /,
    );
    expect(message).toContain('pass it as an argument, or make it a tf.variable');
  });

  it('refuses variables that are made on the way, and forgets them', () => {
    const model = tfl.layers.dense({ units: 3, name: 'unbuilt' });
    const { message } = refused((x) => model.apply(x) as tf.Tensor);
    expect(message).toContain("makes the variable 'unbuilt/kernel'; make it before (build the model");
    expect(Object.keys(tf.engine().registeredVariables).filter((name) => name.startsWith('unbuilt'))).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'must return tensors, got undefined'],
    ['a number', { loss: 3 }, "an object of tensors, got 3 at 'loss'"],
    ['a promise', Promise.resolve(), 'got a promise'],
  ])('refuses %s as a result', (_, result, message) => {
    const error = refused(() => result as tf.Tensor);
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain(message);
  });

  it('refuses two ports of the same name', () => {
    const args = [{ ...matrix, name: 'x' }];
    expect(() => traceFunction((x) => ({ x: tf.exp(x) }), args)).toThrow(
      "traceFunction: 'x' names two inputs or outputs",
    );
  });

  it('refuses to be called inside of a trace or a gradient', () => {
    const inner: Fn = (x) => {
      traceFunction((y) => y, [matrix]);
      return x;
    };
    expect(refused(inner).message).toContain('called while TF.js computes a gradient or is traced');
    const loss = (x: tf.Tensor) => {
      traceFunction((y) => y, [matrix]);
      return tf.sum(x);
    };
    expect(() => tf.grad(loss)(tf.scalar(1))).toThrow('called while TF.js computes a gradient');
  });
});

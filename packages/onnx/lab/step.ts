import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import fs from 'node:fs';
import { distillationLoss } from '@kd/losses';
import { mobileNetV2, resnet18, resnet50 } from '@kd/models';
import { namedVariables } from '@kd/ops';
import { traceFunction } from '../src/trace/trace-function.ts';
import { optimizeGraph } from '../src/passes/optimize-graph.ts';
import { lowerGraph } from '../src/lower/lower-graph.ts';

export function make(name: string, S: number, N: number, options: any = {}) {
  const classNames = ['a', 'b', 'c'];
  const model = ({ mobilenetv2: () => mobileNetV2({ classNames, seed: 1, classifierDropoutProb: 0, ...options }), resnet18: () => resnet18({ classNames, seed: 1, ...options }), resnet50: () => resnet50({ classNames, seed: 1, ...options }) } as any)[name]();
  const variables = model.trainableWeights.map((w: any) => w.read()) as tf.Variable[];
  const step = (x: tf.Tensor, labels: tf.Tensor, teacher: tf.Tensor) => {
    const { value, grads } = tf.variableGrads(() => {
      const logits = model.apply(x, { training: true, context: { seed: 1, step: 0 } }) as tf.Tensor2D;
      return distillationLoss(logits as any, teacher as any, labels as any, { temperature: 5, lambda: 0.5, validateLabels: false } as any) as tf.Scalar;
    }, variables);
    return { loss: value, ...grads };
  };
  return { model, variables, step };
}
export const argsOf = (S: number, N: number) => [ { shape: [N, S, S, 3], dtype: 'float32' as const, name: 'x' }, { shape: [N], dtype: 'int32' as const, name: 'labels' }, { shape: [N, 3], dtype: 'float32' as const, name: 'teacher' } ];
export function build(name: string, S: number, N: number, block: 1 | 8 | 16, options: any = {}, layout: any = { x: 'nchw' }) {
  const m = make(name, S, N, options);
  const t0 = performance.now();
  const graph = traceFunction(m.step, argsOf(S, N));
  const t1 = performance.now();
  const optimized = optimizeGraph(graph);
  const t2 = performance.now();
  const lowered = lowerGraph(optimized, { block }, { inputLayouts: layout });
  const t3 = performance.now();
  return { ...m, graph, optimized, lowered, times: { trace: t1 - t0, passes: t2 - t1, lower: t3 - t2 } };
}
let seed = 1;
export const uniform = () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 4294967296 - 0.5; };
export async function session(b: ReturnType<typeof build>, threads = 2, prof?: string) {
  const s = await ort.InferenceSession.create(b.lowered.bytes, { intraOpNumThreads: threads, interOpNumThreads: 1, enableMemPattern: false, logSeverityLevel: 3, ...(prof ? { enableProfiling: true, profileFilePrefix: prof } : {}) });
  const feeds: any = {}, out: any = {};
  b.lowered.inputs.forEach((i, k) => {
    const g = b.optimized.inputs[k]!;
    const n = i.shape.reduce((a, c) => a * c, 1);
    if (g.variable) feeds[i.name] = new ort.Tensor('float32', Float32Array.from(g.variable.dataSync()), i.shape as number[]);
    else if (i.dtype === 'int32') feeds[i.name] = new ort.Tensor('int32', Int32Array.from({ length: n }, (_, k) => k % 3), i.shape as number[]);
    else feeds[i.name] = new ort.Tensor('float32', Float32Array.from({ length: n }, () => uniform() * 4), i.shape as number[]);
  });
  const flat = new Float32Array(b.lowered.outputs.reduce((a, o) => a + o.shape.reduce((p, q) => p * q, 1), 0));
  let at = 0;
  for (const o of b.lowered.outputs) { const n = o.shape.reduce((p, q) => p * q, 1); out[o.name] = new ort.Tensor('float32', flat.subarray(at, at + n), o.shape as number[]); at += n; }
  return { s, feeds, out, flat, run: () => s.run(feeds, out) };
}

/** CPU milliseconds of a run on one thread: others on the machine matter less. */
export async function bench(fns: (() => Promise<unknown>)[], n = 7, warm = 2) {
  const t: number[][] = fns.map(() => []);
  for (const fn of fns) for (let i = 0; i < warm; i++) await fn();
  for (let i = 0; i < n; i++) for (const [k, fn] of fns.entries()) { const c = process.cpuUsage(); await fn(); const d = process.cpuUsage(c); t[k]!.push((d.user + d.system) / 1e3); }
  return t.map((u) => { u.sort((a, b) => a - b); return { min: u[0]!, median: u[u.length >> 1]! }; });
}

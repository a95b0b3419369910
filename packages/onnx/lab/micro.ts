import * as ort from 'onnxruntime-node';
import { encodeModel } from '../src/onnx-file/encode-model.ts';
import { createEmitter } from '../src/lower/emitter.ts';
import { TABLES } from '../src/lower/table.ts';
import { bench } from './step.ts';
export async function micro(cases: Record<string, (e: any, names: string[]) => string>, shapes: number[][], threads = 1, n = 7) {
  const runs: (() => Promise<unknown>)[] = [];
  for (const make of Object.values(cases)) {
    const e = createEmitter({ block: 16 }, TABLES);
    const names = shapes.map((_, i) => 'in' + i);
    // inputs pass through an op so that in-place tricks are like in a real graph
    const out = make(e, names.map((x) => e.mul(x, e.scalar(1.5))));
    const y = e.op('ReduceMax', [out], { keepdims: 0 });
    const model = e.finish(shapes.map((shape, i) => ({ name: 'in' + i, shape, type: 'float32' as const })), [{ name: 'y', shape: [], type: 'float32', inner: y }]);
    const s = await ort.InferenceSession.create(encodeModel(model), { intraOpNumThreads: threads, enableMemPattern: false, logSeverityLevel: 3 });
    const feeds = Object.fromEntries(shapes.map((shape, i) => { const d = new Float32Array(shape.reduce((a, c) => a * c, 1)); for (let k = 0; k < d.length; k++) d[k] = Math.random() * 6 - 1; return ['in' + i, new ort.Tensor('float32', d, shape)]; }));
    runs.push(() => s.run(feeds));
  }
  const r = await bench(runs, n, 2);
  Object.keys(cases).forEach((k, i) => console.log(k.padEnd(30), r[i]!.min.toFixed(2), r[i]!.median.toFixed(2)));
}

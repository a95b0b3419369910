import { make, argsOf } from './step.ts';
import { traceFunction } from '../src/trace/trace-function.ts';
import { optimizeGraph } from '../src/passes/optimize-graph.ts';
const [name = 'resnet18', S = '64'] = process.argv.slice(2);
const m = make(name, +S, 2);
const g = optimizeGraph(traceFunction(m.step, argsOf(+S, 2)));
const id = new Map(); const nm = (v: any) => { if (!id.has(v)) id.set(v, id.size); return '%' + id.get(v) + '[' + v.shape + ']' + (v.data ? 'c' : ''); };
for (const n of g.nodes) console.log(n.op, JSON.stringify(n.attrs).slice(0, 120), Object.entries(n.ins).map(([k, v]) => k + '=' + nm(v)).join(' '), '->', n.outs.map(nm).join(' '));
process.exit();

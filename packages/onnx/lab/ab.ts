// paired: variants alternate in one process, one thread, CPU time
import { bench, build, make, argsOf, session } from './step.ts';
import { traceFunction } from '../src/trace/trace-function.ts';
import { optimizeGraph } from '../src/passes/optimize-graph.ts';
import { lowerGraph } from '../src/lower/lower-graph.ts';
const [name = 'mobilenetv2', S = '224', runs = '6', N = '8'] = process.argv.slice(2);
const m = make(name, +S, +N);
const graph = traceFunction(m.step, argsOf(+S, +N));
const variants: Record<string, any> = { default: optimizeGraph(graph), 'two passes': optimizeGraph(graph) };
for (const n of variants['two passes'].nodes) if (/^KdBatchNorm/.test(n.op)) n.attrs = { ...n.attrs, centred: false };
const runsOf: (() => Promise<unknown>)[] = [];
for (const optimized of Object.values(variants)) { const lowered = lowerGraph(optimized, { block: 16 }, { inputLayouts: { x: 'nchw' } }); runsOf.push((await session({ ...m, graph, optimized, lowered } as any, 1)).run); }
const r = await bench(runsOf, +runs, 1);
Object.keys(variants).forEach((k, i) => console.log(name, k.padEnd(20), r[i]!.min.toFixed(1), r[i]!.median.toFixed(1), (r[i]!.min / r[0]!.min).toFixed(3)));
process.exit();

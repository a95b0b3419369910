import { bench, build, session } from './step.ts';
const [name = 'mobilenetv2', S = '224', block = '16', runs = '5', N = '8'] = process.argv.slice(2);
const b = build(name, +S, +N, +block as any);
const t = performance.now();
const s = await session(b, 1);
const created = performance.now() - t;
const [r] = await bench([s.run], +runs);
console.log(JSON.stringify({ name, S, block, loss: s.out.loss.data[0], nodes: b.graph.nodes.length, optimized: b.optimized.nodes.length, ...Object.fromEntries(Object.entries({ ...b.times, session: created }).map(([k, v]) => [k, Math.round(v)])), kB: b.lowered.bytes.length / 1e3 | 0, min: r!.min.toFixed(1), median: r!.median.toFixed(1), msImg: (r!.min / +N).toFixed(2), rss: process.resourceUsage().maxRSS / 1024 | 0 }));
process.exit();

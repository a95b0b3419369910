import fs from 'node:fs';
import { build, session } from './step.ts';
const [name = 'mobilenetv2', S = '224', block = '16'] = process.argv.slice(2);
const b = build(name, +S, 8, +block as any);
const s = await session(b, 1, '/tmp/o3prof');
const R = 5;
for (let i = 0; i < R; i++) await s.run();
s.s.endProfiling();
const file = fs.readdirSync('/tmp').filter(f => f.startsWith('o3prof')).sort().at(-1)!;
const ev = JSON.parse(fs.readFileSync('/tmp/' + file, 'utf8')).filter((e: any) => e.cat === 'Node' && e.name.endsWith('_kernel_time'));
fs.unlinkSync('/tmp/' + file);
const seen = new Map<string, number>(), maps: Map<string, number[]>[] = [new Map(), new Map(), new Map()];
for (const e of ev) {
  const k = (seen.get(e.name) ?? 0) + 1; seen.set(e.name, k); if (k <= 2) continue;
  const from = e.name.replace('_kernel_time', '').split(':')[0];
  [e.args.op_name, from, from + ' : ' + e.args.op_name].forEach((key, i) => { const m = maps[i]!.get(key) ?? [0, 0]; m[0]! += e.dur / 1e3 / (R - 2); m[1]!++; maps[i]!.set(key, m); });
}
for (const m of maps) {
  console.log('--- total', [...m.values()].reduce((a, c) => a + c[0]!, 0).toFixed(1));
  for (const [k, [t, n]] of [...m].sort((a, c) => c[1][0]! - a[1][0]!).slice(0, 24)) console.log(t!.toFixed(2).padStart(8), String(n! / (R - 2)).padStart(5), k);
}
process.exit();

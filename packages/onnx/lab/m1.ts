import { micro } from './micro.ts';
const B = 2 ** 100;
for (const [C, H] of [[96, 112], [144, 56]] as const) {
  const D = 'com.microsoft.nchwc';
  const hs = (e: any, y: string, a: number, b: number) => e.op('HardSigmoid', [y], { alpha: { float: a }, beta: { float: b } });
  const chs = (e: any, y: string, a: number, b: number) => e.op('Conv', [y, e.constant(new Float32Array(C).fill(1), [C, 1, 1, 1])], { kernel_shape: [1, 1], group: C, activation: 'HardSigmoid', activation_params: { float: [a, b] } }, D);
  console.log(C, H);
  await micro({
    base: (_e, [y]) => y!,
    'two bases': (e, [y, d]) => e.mul(y, d),
    hs: (e, [y]) => hs(e, y!, B, 0),
    'conv hs': (e, [y]) => chs(e, y!, B, 0),
    'gate hs': (e, [y, d]) => e.mul(e.mul(d, hs(e, y!, B, 0)), hs(e, y!, -B, 6 * B)),
    'gate conv': (e, [y, d]) => e.mul(e.mul(d, chs(e, y!, B, 0)), chs(e, y!, -B, 6 * B)),
    'gate product': (e, [y, d]) => e.mul(d, chs(e, e.mul(y, e.sub(e.scalar(6), y)), B, 0)),
  }, [[8, C, H, H], [8, C, H, H]]);
}
process.exit();

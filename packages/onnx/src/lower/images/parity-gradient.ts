import type { Geometry, Node } from '../../graph/graph.ts';
import type { Emitter, Name } from '../lowering.ts';
import { blockedConvolve } from './convolve.ts';
import { imageShape } from './image-shape.ts';

/** Of one axis and parity: the taps that reach its pixels, last first, and the padding of dy around them. */
interface Side {
  taps: number[];
  before: number;
  after: number;
}

/** Input pixel 2 q + parity gets dy[q + (parity + pad - tap) / 2] from every tap for which that is whole. */
function side(parity: number, kernel: number, pad: number): Side {
  const reached: { tap: number; offset: number }[] = [];
  for (let tap = kernel - 1; tap >= 0; tap--) {
    const doubled = parity + pad - tap;
    if (doubled % 2 === 0) reached.push({ tap, offset: doubled / 2 });
  }
  return {
    taps: reached.map(({ tap }) => tap),
    before: -(reached[0]?.offset ?? 0),
    after: reached.at(-1)?.offset ?? 0,
  };
}

const sides = ({ kernel, pads }: Geometry): readonly [Side, Side, Side, Side] => [
  side(0, kernel[0], pads[0]),
  side(1, kernel[0], pads[0]),
  side(0, kernel[1], pads[1]),
  side(1, kernel[1], pads[1]),
];

/** Whether all four parities are convolutions: they have taps, and paddings that do not crop. */
export const hasParities = (geometry: Geometry): boolean =>
  sides(geometry).every(({ taps, before, after }) => taps.length > 0 && before >= 0 && after >= 0);

/**
 * The input gradient of a convolution with stride 2 and even sizes, in blocks: the pixels of each of the four parities are a
 * convolution of dy with a quarter of the taps, and are interleaved afterwards. Spreading dy with zeros would compute four times as much.
 */
export function parityGradient(emitter: Emitter, { ins, outs, geometry }: Node): Name {
  const { block } = emitter.target;
  const [x, y] = [imageShape(outs[0]!), imageShape(ins.dy!)];
  const lanes = emitter.padded(x.channels);
  const [evenRows, oddRows, evenColumns, oddColumns] = sides(geometry!);
  const filter = emitter.get(ins.filter!);
  const pick = (data: Name, { taps }: Side, axis: number): Name =>
    emitter.op('Gather', [data, emitter.int64s([...taps].reverse())], { axis }); // the form reverses them again

  const parity = (rows: Side, columns: Side): Name => {
    const kernel: [number, number] = [rows.taps.length, columns.taps.length];
    const tf = pick(pick(filter, rows, 0), columns, 1);
    const part = emitter.temporary([...kernel, x.channels, y.channels], { tf });
    return blockedConvolve(emitter, emitter.get(ins.dy!, 'blocked'), emitter.get(part, 'dense.blocked.gradient'), {
      kernel,
      pads: [rows.before, columns.before, rows.after, columns.after],
    });
  };
  const lines = ((y.batch * lanes) / block) * y.height;
  const row = (rows: Side): Name => {
    const both = [evenColumns, oddColumns].map((columns) =>
      emitter.reshape(parity(rows, columns), [lines, y.width, block]),
    );
    return emitter.reshape(emitter.op('Concat', both, { axis: 2 }), [lines, 1, x.width * block]);
  };
  const image = emitter.op('Concat', [row(evenRows), row(oddRows)], { axis: 1 });
  return emitter.reshape(image, [x.batch, lanes, x.height, x.width]);
}

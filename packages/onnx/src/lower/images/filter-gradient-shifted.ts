import type { Geometry } from '../../graph/graph.ts';
import type { Emitter, Lowering, Name } from '../lowering.ts';
import { correlate, type Operands, operandsOf } from './filter-gradient-operands.ts';
import { hasStride, isDilated } from './image-shape.ts';

/** Up to this many pixels an image, all images go into one product. */
const SMALL_SHIFTED_IMAGE = 200;

/** Paddings of dy's lines, negative ones crop, that put them under x's lines as the tap in this column sees them. */
const sidePads = ({ x, y, geometry }: Operands, column: number): [before: number, after: number] => {
  const before = column - geometry.pads[1];
  return [before, x.width - y.width - before];
};

const columnsOf = ({ kernel }: Geometry): number[] => Array.from({ length: kernel[1] }, (_, column) => column);

/**
 * Lines of x that each row of taps sees, [taps, channels, images, height of y], as indices into lines of
 * [images, channels, height of x + 1], the last of which is zero. Of the images of one product.
 */
function linesSeen({ x, y, geometry }: Operands, images: number): Int32Array {
  const taps = geometry.kernel[0];
  const lines = new Int32Array(taps * x.channels * images * y.height);
  let at = 0;
  for (let tap = 0; tap < taps; tap++) {
    for (let channel = 0; channel < x.channels; channel++) {
      for (let image = 0; image < images; image++) {
        const plane = (image * x.channels + channel) * (x.height + 1);
        for (let row = 0; row < y.height; row++) {
          const line = row + tap - geometry.pads[0];
          lines[at++] = plane + (line >= 0 && line < x.height ? line : x.height);
        }
      }
    }
  }
  return lines;
}

/** dy moved to each column of taps, with as many pixels in a line as x: [.., columns * channels, ..]. */
function movedSideways(emitter: Emitter, dy: Name, operands: Operands, axis: number): Name {
  const moved = columnsOf(operands.geometry).map((column) => {
    const [before, after] = sidePads(operands, column);
    return emitter.pad(dy, [0, 0, 0, before], [0, 0, 0, after]);
  });
  return emitter.op('Concat', moved, { axis });
}

/**
 * Stride 1: lines of x shifted down against dy shifted sideways, so that one product has all taps: [h I, L] x [L, w O]. One Gather
 * shifts, pads and orders the lines of x; what of them has no partner meets zeros of dy.
 */
export const shifted: Lowering = {
  layout: 'tf',
  when(node) {
    const operands = operandsOf(node);
    const { geometry, y } = operands;
    if (!hasStride(geometry, 1) || isDilated(geometry)) return false;
    return columnsOf(geometry).every((column) => sidePads(operands, column).every((pad) => pad > -y.width));
  },
  emit(emitter, node) {
    const operands = operandsOf(node);
    const { x, y, geometry } = operands;
    const [height, width] = geometry.kernel;
    const isMerged = y.pixels <= SMALL_SHIFTED_IMAGE;
    const products = isMerged ? 1 : x.batch;
    const images = x.batch / products;
    const length = images * y.height * x.width;

    const withZeroLine = emitter.pad(emitter.get(node.ins.x!, 'nchw'), [0, 0, 0, 0], [0, 0, 1, 0]);
    const linesOfX = emitter.reshape(withZeroLine, [products, images * x.channels * (x.height + 1), x.width]);
    const seen = linesSeen(operands, images);
    const shiftedX = emitter.op('Gather', [linesOfX, emitter.constant(seen, [seen.length])], { axis: 1 });
    const dy = emitter.get(node.ins.dy!, 'nchw');
    const columns = isMerged
      ? movedSideways(emitter, emitter.transpose(dy, [1, 0, 2, 3]), operands, 0)
      : movedSideways(emitter, dy, operands, 1);

    const [rowShape, columnShape] = [
      [height * x.channels, length],
      [width * y.channels, length],
    ] as const;
    const product = isMerged
      ? emitter.matMul(emitter.reshape(shiftedX, rowShape), emitter.reshape(columns, columnShape), { transposeB: true })
      : correlate(
          emitter,
          emitter.reshape(shiftedX, [products, ...rowShape]),
          emitter.reshape(columns, [products, ...columnShape]),
        );
    const taps = emitter.reshape(product, [height, x.channels, width, y.channels]);
    return emitter.reshape(emitter.transpose(taps, [0, 2, 1, 3]), [height, width, x.channels, y.channels]);
  },
};

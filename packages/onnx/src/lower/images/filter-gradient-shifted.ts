import type { Lowering, Name } from '../lowering.ts';
import { correlate, operandsOf } from './filter-gradient-operands.ts';
import { hasStride, isDilated } from './image-shape.ts';

/** Up to this many pixels an image, all images go into one product. */
const SMALL_SHIFTED_IMAGE = 800;

/**
 * Stride 1: x shifted down against dy shifted right, so that one product has all taps: [h I, L] x [L, w O]. Both lie line by
 * line, padded once, so that a shift is where a slice begins.
 */
export const shifted: Lowering = {
  layout: 'tf',
  when: ({ geometry }) => hasStride(geometry!, 1) && !isDilated(geometry!),
  emit(emitter, node) {
    const { x, y, geometry } = operandsOf(node);
    const [height, width] = geometry.kernel;
    const [top, left] = geometry.pads;
    const line = y.width + width - 1;
    const length = y.height * line;
    const isSmall = y.pixels <= SMALL_SHIFTED_IMAGE;
    /** [batch, channels, lines], or for one product of all images [channels, batch, lines]. */
    const inLines = (padded: Name, channels: number, lines: number): Name => {
      const flat = emitter.reshape(padded, [x.batch, channels, lines * line]);
      return isSmall ? emitter.transpose(flat, [1, 0, 2]) : flat;
    };

    const paddedX = emitter.pad(
      emitter.get(node.ins.x!, 'nchw'),
      [0, 0, top, left],
      [0, 0, y.height + height - 1 - x.height - top, line - x.width - left],
    );
    // Lines of dy begin with the zeros that a shift brings in, and one line of zeros follows.
    const spacedDy = emitter.pad(emitter.get(node.ins.dy!, 'nchw'), [0, 0, 0, width - 1], [0, 0, 1, 0]);
    const linesOfX = inLines(paddedX, x.channels, y.height + height - 1);
    const linesOfDy = inLines(spacedDy, y.channels, y.height + 1);

    const sideBySide = (flat: Name, begins: readonly number[]): Name =>
      emitter.op(
        'Concat',
        begins.map((begin) => emitter.slice(flat, 2, begin, begin + length)),
        { axis: isSmall ? 0 : 1 },
      );
    const down = Array.from({ length: height }, (_, i) => i * line);
    const right = Array.from({ length: width }, (_, j) => width - 1 - j);
    const rows = sideBySide(linesOfX, down);
    const columns = sideBySide(linesOfDy, right);
    const all = x.batch * length;
    const product = isSmall
      ? emitter.matMul(
          emitter.reshape(rows, [height * x.channels, all]),
          emitter.reshape(columns, [width * y.channels, all]),
          { transposeB: true },
        )
      : correlate(emitter, rows, columns);
    const taps = emitter.reshape(product, [height, x.channels, width, y.channels]);
    return emitter.reshape(emitter.transpose(taps, [0, 2, 1, 3]), [height, width, x.channels, y.channels]);
  },
};

import type { Emitter, Lowering, Name } from '../lowering.ts';
import { blockedConvolve, windowOf } from './convolve.ts';
import { correlate, operandsOf, paddedInput, planes, seenByTap } from './filter-gradient-operands.ts';
import { exactPads, pointwise } from './image-shape.ts';

/** Gradients of the taps, each [1, I, O], as one filter. */
function stackTaps(emitter: Emitter, taps: readonly Name[], shape: readonly number[]): Name {
  return emitter.reshape(taps.length > 1 ? emitter.op('Concat', taps, { axis: 0 }) : taps[0]!, shape);
}

/** Strided: a depthwise convolution with a one in one place shifts, pads and thins x for a tap; then as 1x1. */
export const blockedTaps: Lowering = {
  layout: 'blocked',
  emit(emitter, node) {
    const { x, y, geometry } = operandsOf(node);
    const { block } = emitter.target;
    const count = geometry.kernel[0] * geometry.kernel[1];
    const lanes = emitter.padded(x.channels);
    const taps = Array.from({ length: count }, (_, tap) => {
      const place = new Float32Array(lanes * count); // [lanes / block, 1, taps, block]
      for (let i = 0; i < lanes; i++) place[(Math.floor(i / block) * count + tap) * block + (i % block)] = 1;
      const thin = blockedConvolve(
        emitter,
        emitter.get(node.ins.x!, 'blocked'),
        emitter.constant(place, [lanes, 1, ...geometry.kernel]),
        { ...windowOf(geometry), pads: exactPads(geometry, x, y), group: lanes },
      );
      const gradient = emitter.temporary([1, 1, x.channels, y.channels], {});
      emitter.emit({
        op: 'Conv2DBackpropFilter',
        attrs: {},
        geometry: pointwise,
        ins: {
          x: emitter.temporary([y.batch, y.height, y.width, x.channels], { blocked: thin }),
          dy: node.ins.dy!,
        },
        outs: [gradient],
      });
      return emitter.reshape(emitter.get(gradient), [1, x.channels, y.channels]);
    });
    emitter.put(node.outs[0]!, 'tf', stackTaps(emitter, taps, node.outs[0]!.shape));
  },
};

/** Whatever the geometry: one product for each tap, on a slice of x. */
export const nchwTaps: Lowering = {
  layout: 'tf',
  emit(emitter, node) {
    const { x, y, geometry } = operandsOf(node);
    const padded = paddedInput(emitter, node);
    const dy = planes(emitter, node.ins.dy!);
    const taps: Name[] = [];
    for (let row = 0; row < geometry.kernel[0]; row++) {
      for (let column = 0; column < geometry.kernel[1]; column++) {
        const seen = seenByTap(emitter, padded, geometry, y, row, column);
        const product = correlate(emitter, emitter.reshape(seen, [x.batch, x.channels, y.pixels]), dy);
        taps.push(emitter.reshape(product, [1, x.channels, y.channels]));
      }
    }
    return stackTaps(emitter, taps, node.outs[0]!.shape);
  },
};

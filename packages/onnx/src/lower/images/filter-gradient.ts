import type { Node } from '../../graph/graph.ts';
import type { Lowering, Name } from '../lowering.ts';
import { nchwConvolve, windowOf } from './convolve.ts';
import { correlate, operandsOf, planes } from './filter-gradient-operands.ts';
import { shifted } from './filter-gradient-shifted.ts';
import { blockedTaps, nchwTaps } from './filter-gradient-taps.ts';
import { exactPads, hasStride, imageShape, isPointwise } from './image-shape.ts';
import { factorIntoResult } from './pending-factor.ts';

const isPlainProduct = ({ geometry }: Node): boolean => isPointwise(geometry!) && hasStride(geometry!, 1);

/** Up to this many pixels an image, one product over the pixels of all images is faster than one for each. */
const SMALL_IMAGE = 200;

/** 1x1 on small images, as TF.js has them: one product over the pixels of the whole batch. */
const mergedProduct: Lowering = {
  layout: 'tf',
  when: (node, emitter) =>
    isPlainProduct(node) && emitter.target.block > 1 && imageShape(node.ins.x!).pixels <= SMALL_IMAGE,
  emit(emitter, node) {
    const { x, y } = operandsOf(node);
    const rows = emitter.reshape(emitter.get(node.ins.x!), [x.batch * x.pixels, x.channels]);
    const columns = emitter.reshape(emitter.get(node.ins.dy!), [y.batch * y.pixels, y.channels]);
    const product = emitter.matMul(rows, columns, { transposeA: true });
    return emitter.reshape(product, [1, 1, x.channels, y.channels]);
  },
};

/** 1x1: the narrow side as NCHW times the wide side as it lies in blocks. */
const blockedProduct: Lowering = {
  layout: 'blocked',
  when: isPlainProduct,
  emit(emitter, node) {
    const { x, y } = operandsOf(node);
    const { block } = emitter.target;
    const expands = x.channels <= y.channels;
    const [narrow, wide] = expands ? [node.ins.x!, node.ins.dy!] : [node.ins.dy!, node.ins.x!];
    const [few, many] = [narrow.shape[3]!, emitter.padded(wide.shape[3]!)];
    const left = emitter.reshape(emitter.get(narrow, 'nchw'), [x.batch, 1, few, x.pixels]);
    const right = emitter.reshape(emitter.get(wide, 'blocked'), [x.batch, many / block, x.pixels, block]);
    const product = emitter.sum(emitter.matMul(left, right), [0]); // [many / block, few, block]
    const gradient = expands
      ? emitter.reshape(emitter.transpose(product, [1, 0, 2]), [few, many])
      : emitter.reshape(emitter.transpose(product, [0, 2, 1]), [many, few]);
    const cut = many === wide.shape[3] ? gradient : emitter.slice(gradient, expands ? 1 : 0, 0, wide.shape[3]!);
    emitter.put(node.outs[0]!, 'tf', emitter.reshape(cut, [1, 1, x.channels, y.channels]));
  },
};

const nchwProduct: Lowering = {
  layout: 'tf',
  when: isPlainProduct,
  emit(emitter, node) {
    const { x, y } = operandsOf(node);
    const product = correlate(emitter, planes(emitter, node.ins.x!), planes(emitter, node.ins.dy!));
    return emitter.reshape(product, [1, 1, x.channels, y.channels]);
  },
};

/** Windows that are made at once, in values: more take memory, and leave the processor's cache. */
const WINDOWS_AT_ONCE = 2 ** 21;

/**
 * Few input channels: all windows side by side, by a convolution with ones and zeros of every channel alone; then as 1x1. Some images
 * at a time: the windows are as many times larger than the image as the filter has taps.
 */
const fewChannels: Lowering = {
  layout: 'tf',
  when: (node) => node.ins.x!.shape[3]! < 16,
  emit(emitter, node) {
    const { x, y, geometry } = operandsOf(node);
    const [height, width] = geometry.kernel;
    const taps = height * width;
    const places = new Float32Array(taps * taps);
    for (let tap = 0; tap < taps; tap++) places[tap * taps + tap] = 1;
    const filter = emitter.constant(places, [taps, 1, height, width]);
    const [images, gradients] = [emitter.get(node.ins.x!, 'nchw'), planes(emitter, node.ins.dy!)];
    const some = Math.max(1, Math.floor(WINDOWS_AT_ONCE / (x.channels * taps * y.pixels)));

    const correlateFrom = (begin: number, end: number): Name => {
      const part = (values: Name): Name => (end - begin === x.batch ? values : emitter.slice(values, 0, begin, end));
      const alone = emitter.reshape(part(images), [(end - begin) * x.channels, 1, x.height, x.width]);
      const windows = nchwConvolve(emitter, alone, filter, { ...windowOf(geometry), pads: exactPads(geometry, x, y) });
      return correlate(emitter, emitter.reshape(windows, [end - begin, x.channels * taps, y.pixels]), part(gradients));
    };
    let sum = correlateFrom(0, Math.min(some, x.batch));
    for (let begin = some; begin < x.batch; begin += some) {
      sum = emitter.add(sum, correlateFrom(begin, Math.min(begin + some, x.batch)));
    }
    const product = emitter.reshape(sum, [x.channels, taps, y.channels]);
    return emitter.reshape(emitter.transpose(product, [1, 0, 2]), [height, width, x.channels, y.channels]);
  },
};

export const conv2dFilterGradient: readonly Lowering[] = [
  factorIntoResult,
  mergedProduct,
  blockedProduct,
  nchwProduct,
  fewChannels,
  shifted,
  blockedTaps,
  nchwTaps,
];

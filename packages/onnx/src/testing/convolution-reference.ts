import * as tf from '@tensorflow/tfjs-core';
import { eachSeen, infoOf, type WindowCase } from './convolution-cases.ts';

/** Dense: `[height, width, inputs, outputs]`; depthwise: `[height, width, inputs, multiplier]`. */
export interface ConvolutionReference {
  forward(each: WindowCase, x: tf.Tensor, filter: tf.Tensor): tf.Tensor;
  inputGradient(each: WindowCase, dy: tf.Tensor, filter: tf.Tensor): tf.Tensor;
  filterGradient(each: WindowCase, x: tf.Tensor, dy: tf.Tensor): tf.Tensor;
}

type Index = (i: number, o: number) => number;

/** Convolution and its two gradients by their definition, summed in doubles; TF.js' own gradients know no dilation. */
function reference(depthwise: boolean): ConvolutionReference {
  const run = (
    each: WindowCase,
    shape: number[],
    add: (into: Float64Array, x: Index, tap: Index, y: Index, pixels: [number, number, number]) => void,
  ): tf.Tensor => {
    const into = new Float64Array(tf.util.sizeFromShape(shape));
    const inputs = each.x[3];
    const outputs = depthwise ? inputs * each.outputs : each.outputs;
    eachSeen(each, (xPixel, tap, yPixel) => {
      add(
        into,
        (i) => xPixel * inputs + i,
        (i, o) => (tap * inputs + i) * each.outputs + o,
        (i, o) => yPixel * outputs + (depthwise ? i * each.outputs + o : o),
        [inputs, each.outputs, 0],
      );
    });
    return tf.tensor(Float32Array.from(into), shape);
  };
  const yShape = (each: WindowCase): number[] => {
    const { outHeight, outWidth } = infoOf(each);
    return [each.x[0], outHeight, outWidth, depthwise ? each.x[3] * each.outputs : each.outputs];
  };
  const all = ([inputs, outputs]: [number, number, number], visit: (i: number, o: number) => void): void => {
    for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) visit(i, o);
  };
  return {
    forward(each, x, filter) {
      const [xs, ws] = [x.dataSync(), filter.dataSync()];
      return run(each, yShape(each), (into, xAt, tap, y, sizes) =>
        all(sizes, (i, o) => {
          into[y(i, o)]! += xs[xAt(i, o)]! * ws[tap(i, o)]!;
        }),
      );
    },
    inputGradient(each, dy, filter) {
      const [ds, ws] = [dy.dataSync(), filter.dataSync()];
      return run(each, each.x, (into, xAt, tap, y, sizes) =>
        all(sizes, (i, o) => {
          into[xAt(i, o)]! += ds[y(i, o)]! * ws[tap(i, o)]!;
        }),
      );
    },
    filterGradient(each, x, dy) {
      const [xs, ds] = [x.dataSync(), dy.dataSync()];
      return run(each, [...each.kernel, each.x[3], each.outputs], (into, xAt, tap, y, sizes) =>
        all(sizes, (i, o) => {
          into[tap(i, o)]! += xs[xAt(i, o)]! * ds[y(i, o)]!;
        }),
      );
    },
  };
}

export const denseReference: ConvolutionReference = reference(false);
export const depthwiseReference: ConvolutionReference = reference(true);

import * as tfl from '@tensorflow/tfjs-layers';
import { BATCH_NORM, OpsBatchNormalization, OpsRelu6 } from './layers.ts';

/** `stock` is built from tfjs-layers alone, `ops` with batch normalisation and ReLU6 of `@kd/ops`. */
export type Kind = 'stock' | 'ops';

type Output = tfl.SymbolicTensor;

const apply = (layer: tfl.layers.Layer, x: Output | Output[]): Output => layer.apply(x) as Output;
const batchNorm = (kind: Kind): tfl.layers.Layer =>
  kind === 'ops' ? new OpsBatchNormalization({}) : tfl.layers.batchNormalization(BATCH_NORM);
const relu6 = (kind: Kind): tfl.layers.Layer => (kind === 'ops' ? new OpsRelu6({}) : tfl.layers.reLU({ maxValue: 6 }));

/** Expansion, channels, repeats, stride of the first: table 2 of the paper. */
const BLOCKS = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/**
 * MobileNetV2 1.0 for square RGB images.
 *
 * Reference: Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks"; as many weights as torchvision's.
 */
export function mobilenetV2(kind: Kind, size: number, classes: number): tfl.LayersModel {
  const convolve = (x: Output, filters: number, kernelSize: number, strides: number): Output =>
    apply(
      batchNorm(kind),
      apply(tfl.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }), x),
    );
  const depthwise = (x: Output, strides: number): Output =>
    apply(
      batchNorm(kind),
      apply(tfl.layers.depthwiseConv2d({ kernelSize: 3, strides, padding: 'same', useBias: false }), x),
    );
  const activate = (x: Output): Output => apply(relu6(kind), x);

  const input = tfl.input({ shape: [size, size, 3] });
  let x = activate(convolve(input, 32, 3, 2));
  let channels = 32;
  for (const [expansion, filters, repeats, firstStride] of BLOCKS) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? firstStride : 1;
      const wide = expansion === 1 ? x : activate(convolve(x, channels * expansion, 1, 1));
      const y = convolve(activate(depthwise(wide, stride)), filters, 1, 1);
      x = stride === 1 && channels === filters ? apply(tfl.layers.add(), [x, y]) : y;
      channels = filters;
    }
  }
  x = apply(tfl.layers.globalAveragePooling2d({}), activate(convolve(x, 1280, 1, 1)));
  return tfl.model({ inputs: input, outputs: apply(tfl.layers.dense({ units: classes }), x) });
}

/** The teacher of the MNIST recipe without its dropout: 784-1200-1200-10 with batch normalisation. */
export function mnistTeacher(kind: Kind): tfl.LayersModel {
  const input = tfl.input({ shape: [784] });
  let x: Output = input;
  for (let i = 0; i < 2; i++) {
    x = apply(tfl.layers.reLU({}), apply(batchNorm(kind), apply(tfl.layers.dense({ units: 1200 }), x)));
  }
  return tfl.model({ inputs: input, outputs: apply(tfl.layers.dense({ units: 10 }), x) });
}

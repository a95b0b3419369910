import * as tf from '@tensorflow/tfjs-core';
import { cutAxis, padAxis, wholeVectors } from './channels.ts';
import { addressOf, makeZeros, sizeOf, withTemporaries } from './memory.ts';
import { overWindows } from './over-windows.ts';
import { callKernel, installKernel, undoAll, type WasmBackend } from './wasm-backend.ts';
import { WINDOW, type Windows } from './windows.ts';

/**
 * TF.js' WebAssembly backend has neither gradient of a depthwise convolution.
 *
 * With a channel multiplier of several, each channel of the image is taken as many times: then image, filter and output
 * have the same channels. Their number is rounded up to whole vectors.
 */

interface Attributes {
  strides: [number, number] | number;
  pad: 'same' | 'valid' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dilations?: [number, number] | number;
}

type Shape4D = [number, number, number, number];

function windowsOf(xShape: number[], filterShape: number[], attrs: Attributes): Windows {
  const { strides, pad, dimRoundingMode, dilations } = attrs;
  const shapes = [xShape, filterShape] as [Shape4D, Shape4D];
  return tf.backend_util.computeConv2DInfo(...shapes, strides, dilations ?? 1, pad, dimRoundingMode, true);
}

/** The same values in another shape. */
const reshape = ({ dataId, dtype }: tf.TensorInfo, shape: number[]): tf.TensorInfo => ({ dataId, dtype, shape });

/** Each channel of an image `times` times, one after the other. */
function repeatChannels(backend: WasmBackend, x: tf.TensorInfo, times: number): tf.TensorInfo {
  const [pixels, channels] = [x.shape.slice(0, 3), x.shape[3]!];
  const columns = reshape(x, [sizeOf(pixels), channels, 1]);
  return reshape(callKernel(backend, 'Tile', { x: columns }, { reps: [1, 1, times] }), [...pixels, channels * times]);
}

/** The sums of each `times` neighbouring channels. */
function sumChannels(backend: WasmBackend, x: tf.TensorInfo, times: number): tf.TensorInfo {
  const shape = [...x.shape.slice(0, 3), x.shape[3]! / times];
  const rows = reshape(x, [sizeOf(shape), times]);
  return reshape(callKernel(backend, 'Sum', { x: rows }, { axis: [1], keepDims: false }), shape);
}

function filterGradient(backend: WasmBackend, info: Windows, x: tf.TensorInfo, dy: tf.TensorInfo): tf.TensorInfo {
  const [times, outputs] = [info.filterShape[3], info.outChannels];
  return withTemporaries(backend, (temporary) => {
    const image = times === 1 ? x : temporary(repeatChannels(backend, x, times));
    const channels = wholeVectors(outputs);
    const isPadded = channels !== outputs;
    const [from, to] = isPadded
      ? [image, dy].map((each) => temporary(padAxis(backend, each, 3, channels)))
      : [image, dy];
    const gradient = makeZeros(backend, [info.filterHeight, info.filterWidth, channels]);
    const [xAt, y, filter] = [from!, to!, gradient].map((each) => addressOf(backend, each)) as [number, number, number];
    overWindows(backend, info, { what: WINDOW.toFilter, x: xAt, y, filter, channels });
    const cut = isPadded ? cutAxis(backend, temporary(gradient), 2, outputs) : gradient;
    return reshape(cut, [...info.filterShape]);
  });
}

function inputGradient(backend: WasmBackend, info: Windows, dy: tf.TensorInfo, filter: tf.TensorInfo): tf.TensorInfo {
  const [times, outputs] = [filter.shape[3]!, info.outChannels];
  return withTemporaries(backend, (temporary) => {
    const channels = wholeVectors(outputs);
    const isPadded = channels !== outputs;
    const weights = reshape(filter, [info.filterHeight, info.filterWidth, outputs]);
    const from = isPadded ? temporary(padAxis(backend, dy, 3, channels)) : dy;
    const taps = isPadded ? temporary(padAxis(backend, weights, 2, channels)) : weights;
    const dx = makeZeros(backend, [...info.inShape.slice(0, 3), channels]);
    const [x, y, f] = [dx, from, taps].map((each) => addressOf(backend, each)) as [number, number, number];
    overWindows(backend, info, { what: WINDOW.toInput, x, y, filter: f, channels });
    const cut = isPadded ? cutAxis(backend, temporary(dx), 3, outputs) : dx;
    return times === 1 ? cut : sumChannels(backend, temporary(cut), times);
  });
}

/**
 * Registers `DepthwiseConv2dNativeBackpropFilter` and `DepthwiseConv2dNativeBackpropInput` on the WebAssembly backend.
 *
 * @returns undoes it
 */
export function installDepthwiseConv2d(): () => void {
  const toFilter = installKernel<Record<'x' | 'dy', tf.TensorInfo>, Attributes & { filterShape: Shape4D }>(
    'DepthwiseConv2dNativeBackpropFilter',
    ({ inputs: { x, dy }, attrs, backend }) => {
      return filterGradient(backend, windowsOf(x.shape, attrs.filterShape, attrs), x, dy);
    },
  );
  const toInput = installKernel<Record<'dy' | 'filter', tf.TensorInfo>, Attributes & { inputShape: Shape4D }>(
    'DepthwiseConv2dNativeBackpropInput',
    ({ inputs: { dy, filter }, attrs, backend }) => {
      return inputGradient(backend, windowsOf(attrs.inputShape, filter.shape, attrs), dy, filter);
    },
  );
  return undoAll([toFilter, toInput]);
}

import * as tf from '@tensorflow/tfjs-core';
import { backendError } from '../errors.ts';
import { composedFilterGradient } from './composed-filter-gradient.ts';
import { sizeOf } from './memory.ts';
import { convolve, filterGradient, inputGradient, patchOf } from './own-conv2d.ts';
import { type OwnKernels, ownKernels } from './own-kernels.ts';
import { isTiled } from './own-mat-mul.ts';
import { callKernel, replaceKernel, undoAll, type WasmBackend } from './wasm-backend.ts';
import { positionsOf, type Windows } from './windows.ts';

interface Attributes {
  strides: [number, number];
  pad: 'same' | 'valid' | number;
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dilations?: [number, number] | number;
}

function windowsOf(xShape: number[], filterShape: number[], attrs: Attributes): Windows {
  const { strides, pad, dataFormat, dimRoundingMode, dilations = 1 } = attrs;
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
  const shapes = [xShape, filterShape] as [[number, number, number, number], [number, number, number, number]];
  return tf.backend_util.computeConv2DInfo(...shapes, strides, dilations, pad, dimRoundingMode, false, format);
}

/** Our kernels, if they take a product of these sizes and the layout. */
function kernelsFor(backend: WasmBackend, info: Windows, rows: number, columns: number): OwnKernels | undefined {
  const isEmpty = Math.min(sizeOf(info.inShape), sizeOf(info.filterShape), sizeOf(info.outShape)) === 0;
  if (isEmpty || info.dataFormat !== 'channelsLast' || !isTiled({ rows, columns })) return undefined;
  return ownKernels(backend);
}

const ACTIVATIONS: Record<string, string | undefined> = { linear: '', relu: 'Relu', relu6: 'Relu6' };

/**
 * Registers `Conv2DBackpropFilter` on the WebAssembly backend and replaces `Conv2D`, `FusedConv2D` and
 * `Conv2DBackpropInput`.
 *
 * @returns undoes it
 */
export function installConv2d(): () => void {
  const forward = replaceKernel('Conv2D', (original) => (call) => {
    const { x, filter } = call.inputs as unknown as Record<'x' | 'filter', tf.TensorInfo>;
    const info = windowsOf(x.shape, filter.shape, call.attrs as unknown as Attributes);
    const backend = call.backend as WasmBackend;
    const kernels = kernelsFor(backend, info, positionsOf(info), info.outChannels);
    return kernels ? convolve(backend, kernels, info, x, filter) : original!(call);
  });
  const fused = replaceKernel('FusedConv2D', (original) => (call) => {
    const { x, filter, bias } = call.inputs as unknown as {
      x: tf.TensorInfo;
      filter: tf.TensorInfo;
      bias?: tf.TensorInfo;
    };
    const attrs = call.attrs as unknown as Attributes & { activation: string };
    const info = windowsOf(x.shape, filter.shape, attrs);
    const backend = call.backend as WasmBackend;
    const kernels = kernelsFor(backend, info, positionsOf(info), info.outChannels);
    const activation = ACTIVATIONS[attrs.activation];
    const isRow = !bias || (bias.shape.length === 1 && bias.shape[0] === info.outChannels);
    if (!kernels || activation === undefined || !isRow) return original!(call);
    const output = convolve(backend, kernels, info, x, filter, bias);
    if (!activation) return output;
    const activated = callKernel(backend, activation, { x: output }, {});
    backend.disposeData(output.dataId);
    return activated;
  });
  const toInput = replaceKernel('Conv2DBackpropInput', (original) => (call) => {
    const { dy, filter } = call.inputs as unknown as Record<'dy' | 'filter', tf.TensorInfo>;
    const attrs = call.attrs as unknown as Attributes & { inputShape: number[] };
    const info = windowsOf(attrs.inputShape, filter.shape, attrs);
    const backend = call.backend as WasmBackend;
    const kernels = kernelsFor(backend, info, positionsOf(info), 8);
    return kernels ? inputGradient(backend, kernels, info, dy, filter) : original!(call);
  });
  const toFilter = replaceKernel('Conv2DBackpropFilter', () => (call) => {
    const { x, dy } = call.inputs as unknown as Record<'x' | 'dy', tf.Tensor4D>;
    const attrs = call.attrs as unknown as Attributes & { filterShape: number[] };
    const info = windowsOf(x.shape, attrs.filterShape, attrs);
    if (info.dataFormat !== 'channelsLast') {
      throw backendError(
        `Conv2DBackpropFilter: dataFormat must be NHWC on wasm, got ${attrs.dataFormat}`,
        'UNSUPPORTED',
      );
    }
    const backend = call.backend as WasmBackend;
    const kernels = kernelsFor(backend, info, patchOf(info), info.outChannels);
    return kernels ? filterGradient(backend, kernels, info, x, dy) : composedFilterGradient(info, x, dy);
  });
  return undoAll([forward, fused, toInput, toFilter]);
}

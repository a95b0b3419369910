import * as tf from '@tensorflow/tfjs-core';
import { cutAxis, padAxis, wholeVectors } from './channels.ts';
import { addressOf, makeZeros, sizeOf, withScratch, withTemporaries } from './memory.ts';
import { overWindows } from './over-windows.ts';
import { replaceKernel, undoAll, type WasmBackend } from './wasm-backend.ts';
import { WINDOW, type Windows } from './windows.ts';

interface Attributes {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'same' | 'valid' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function windowsOf({ shape }: tf.TensorInfo, { filterSize, strides, pad, dimRoundingMode }: Attributes): Windows {
  return tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** @param output what a maximum pool gave; undefined for an average */
function poolGradient(
  backend: WasmBackend,
  info: Windows,
  input: tf.TensorInfo,
  dy: tf.TensorInfo,
  output?: tf.TensorInfo,
): tf.TensorInfo {
  const channels = wholeVectors(info.inChannels);
  return withTemporaries(backend, (temporary) => {
    const isPadded = channels !== info.inChannels;
    const whole = (x: tf.TensorInfo) => (isPadded ? temporary(padAxis(backend, x, 3, channels)) : x);
    const at = (x: tf.TensorInfo) => addressOf(backend, x);
    const gradient = whole(dy);
    const images = output && [whole(input), whole(output)];
    const dx = makeZeros(backend, [...info.inShape.slice(0, 3), channels]);
    if (!images) overWindows(backend, info, { what: WINDOW.toAverage, x: at(dx), y: at(gradient), channels });
    else {
      withScratch(backend, [channels], ([filter]) => {
        const addresses = { x: at(images[0]!), y: at(images[1]!), filter: filter!, dx: at(dx), dy: at(gradient) };
        overWindows(backend, info, { what: WINDOW.toLargest, ...addresses, channels });
      });
    }
    return isPadded ? cutAxis(backend, temporary(dx), 3, info.inChannels) : dx;
  });
}

/**
 * Replaces `MaxPoolGrad` and `AvgPoolGrad` of the WebAssembly backend, which take 50 times as long and are wrong: the
 * first takes the first pixel for the largest where none is above zero, and the second, like TF.js' cpu backend, divides by all pixels of a window where
 * the pool divided by those inside of the image.
 *
 * @returns undoes it
 */
export function repairPoolGradients(): () => void {
  return undoAll(
    ['MaxPoolGrad', 'AvgPoolGrad'].map((name) =>
      replaceKernel(name, (original) => (call) => {
        const inputs = call.inputs as unknown as { dy: tf.TensorInfo; input: tf.TensorInfo; output?: tf.TensorInfo };
        const { dy, input, output } = inputs;
        const backend = call.backend as WasmBackend;
        if (input.dtype !== 'float32' || sizeOf(input.shape) === 0) return original!(call);
        const info = windowsOf(input, call.attrs as unknown as Attributes);
        return poolGradient(backend, info, input, dy, name === 'MaxPoolGrad' ? output : undefined);
      }),
    ),
  );
}

import { viewOf } from './memory.ts';
import type { WasmBackend } from './wasm-backend.ts';
import { WINDOW, type Windows, type WindowsCall } from './windows.ts';

/** Where a pixel of a window is, in values. */
interface Pixel {
  x: number;
  y: number;
  tap: number;
  share: number;
}

type Visit = (heap: Float32Array, pixel: Pixel, call: Required<WindowsCall>) => void;

const VISITS: Partial<Record<WindowsCall['what'], Visit>> = {
  [WINDOW.toInput]: (heap, { x, y, tap }, { channels }) => {
    for (let c = 0; c < channels; c++) heap[x + c]! += heap[y + c]! * heap[tap + c]!;
  },
  [WINDOW.toFilter]: (heap, { x, y, tap }, { channels }) => {
    for (let c = 0; c < channels; c++) heap[tap + c]! += heap[x + c]! * heap[y + c]!;
  },
  [WINDOW.toLargest]: (heap, { x, y }, call) => {
    const [dx, left] = [x + (call.dx - call.x) / 4, call.filter / 4];
    for (let c = 0; c < call.channels; c++) {
      if (heap[x + c] !== heap[y + c]) continue;
      heap[dx + c]! += heap[left + c]!;
      heap[left + c] = 0;
    }
  },
  [WINDOW.toAverage]: (heap, { x, y, share }, { channels }) => {
    for (let c = 0; c < channels; c++) heap[x + c]! += heap[y + c]! * share;
  },
};

/** Those of `taps` positions of a window that are in an image of `size`, as [first, end]. */
function inside(start: number, dilation: number, size: number, taps: number): [number, number] {
  return [Math.max(0, Math.ceil(-start / dilation)), Math.min(taps, Math.ceil((size - start) / dilation))];
}

/**
 * What windows.wat does, for an engine without SIMD and for memory that threads share: slower than SIMD, right as well.
 */
export function overWindowsInJs(backend: WasmBackend, info: Windows, given: WindowsCall): void {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, filterWidth, padInfo } = info;
  const call = { filter: 0, dx: 0, dy: 0, first: 0, last: 0, yStep: given.channels, ...given };
  const { what, channels } = call;
  const heap = viewOf(backend, 0, backend.wasm.HEAPU8.byteLength / 4);
  const visit = VISITS[what]!;
  const pixel: Pixel = { x: 0, y: call.y / 4, tap: 0, share: 0 };
  for (let image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * info.strideHeight - padInfo.top;
      const [firstRow, endRow] = inside(top, info.dilationHeight, inHeight, info.filterHeight);
      for (let column = 0; column < outWidth; column++) {
        const left = column * info.strideWidth - padInfo.left;
        const [firstColumn, endColumn] = inside(left, info.dilationWidth, inWidth, filterWidth);
        pixel.share = 1 / ((endRow - firstRow) * (endColumn - firstColumn));
        if (what === WINDOW.toLargest) {
          const dy = pixel.y + (call.dy - call.y) / 4;
          heap.copyWithin(call.filter / 4, dy, dy + channels);
        }
        for (let i = firstRow; i < endRow; i++) {
          for (let j = firstColumn; j < endColumn; j++) {
            const [h, w] = [top + i * info.dilationHeight, left + j * info.dilationWidth];
            pixel.x = call.x / 4 + ((image * inHeight + h) * inWidth + w) * channels;
            pixel.tap = call.filter / 4 + (i * filterWidth + j) * channels;
            visit(heap, pixel, call);
          }
        }
        pixel.y += channels;
      }
    }
  }
}

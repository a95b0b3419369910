import { ownKernels } from './own-kernels.ts';
import type { WasmBackend } from './wasm-backend.ts';
import { positionsOf, type Windows, type WindowsCall } from './windows.ts';
import { overWindowsInJs } from './windows-in-js.ts';

/** Visits all windows: see windows.wat. Without our kernels in JavaScript, all but the patches. */
export function overWindows(backend: WasmBackend, info: Windows, call: WindowsCall): void {
  const { what, x, y, filter = 0, dx = 0, dy = 0, channels, first = 0, last = positionsOf(info) } = call;
  if (first >= last) return;
  const kernels = ownKernels(backend);
  if (!kernels) {
    overWindowsInJs(backend, info, call);
    return;
  }
  kernels.windows(
    ...[what, x, y, filter, dx, dy, first, last, 4 * (call.yStep ?? channels)],
    ...[info.inHeight, info.inWidth, channels, info.outHeight, info.outWidth],
    ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth],
    ...[info.dilationHeight, info.dilationWidth, info.padInfo.top, info.padInfo.left],
  );
}

import { once } from '../once.ts';
import type { Resampling } from './resample.ts';
import { RESAMPLE_MODULE } from './resample-module.ts';
import { tableFor } from './tables.ts';

interface Kernels {
  memory: WebAssembly.Memory;
  horizontal(source: number, target: number, rows: number, rowBytes: number, width: number, table: number): void;
  vertical(source: number, target: number, rowBytes: number, height: number, table: number): void;
}

const PAGE = 65536;
const STRIP_BYTES = 2 ** 18;
/** Memory only grows; what one huge image needed is not kept. */
const KEPT_BYTES = 64 * 2 ** 20;

/** Without a module where there is no SIMD. */
const compiled = once(() => {
  const bytes = Uint8Array.from(atob(RESAMPLE_MODULE), (character) => character.charCodeAt(0));
  return { module: WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined };
});

let kept: Kernels | undefined;

function instantiate(): Kernels | undefined {
  const { module } = compiled();
  return module && (new WebAssembly.Instance(module).exports as unknown as Kernels);
}

/** Addresses of blocks one behind the other, each of which may be read a little beyond its end. */
function layout(lengths: readonly number[], slack: number): { addresses: number[]; end: number } {
  let end = 0;
  const addresses = lengths.map((length) => {
    const address = end;
    end = Math.ceil((end + length + slack) / 16) * 16;
    return address;
  });
  return { addresses, end };
}

/**
 * Both passes over an RGB image in WebAssembly.
 *
 * @returns undefined if there is no SIMD, or the image is too narrow for it
 */
export function resampleInWasm({
  source,
  shape: [height, width, channels],
  horizontal,
  vertical,
  verticalFirst,
}: Resampling): Uint8Array | undefined {
  const toHeight = vertical?.starts.length ?? height;
  const toWidth = horizontal?.starts.length ?? width;
  const [rowBytes, toRowBytes] = [width * 3, toWidth * 3];
  if (channels !== 3 || Math.min(rowBytes, toRowBytes) < 16) return undefined;
  const kernels = kept ?? instantiate();
  if (!kernels) return undefined;

  const [rowTable, columnTable] = [
    horizontal ? tableFor(horizontal, 'horizontal') : new Int32Array(),
    vertical ? tableFor(vertical, 'vertical') : new Int32Array(),
  ];
  const betweenBytes = !(horizontal && vertical) ? 0 : verticalFirst ? toHeight * rowBytes : height * toRowBytes;
  const targetBytes = toHeight * toRowBytes;
  // The first pass along rows needs a few of them at a time, which then stay in the processor's cache.
  const rowsFirst = horizontal !== undefined && !(vertical && verticalFirst);
  const strip = rowsFirst ? Math.min(height, Math.max(1, Math.floor(STRIP_BYTES / rowBytes))) : height;
  const lengths = [strip * rowBytes, betweenBytes, targetBytes, rowTable.byteLength, columnTable.byteLength];
  // An odd last tap is paired with the row behind the image, at weight 0.
  const { addresses, end } = layout(lengths, Math.max(rowBytes, toRowBytes) + 16);
  const { memory } = kernels;
  const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
  if (missing > 0) memory.grow(missing);

  const [from, between, to, rowsAt, columnsAt] = addresses as [number, number, number, number, number];
  const bytes = new Uint8Array(memory.buffer);
  new Int32Array(memory.buffer).set(rowTable, rowsAt / 4);
  new Int32Array(memory.buffer).set(columnTable, columnsAt / 4);
  if (rowsFirst) {
    const target = vertical ? between : to;
    for (let y = 0; y < height; y += strip) {
      const end = Math.min(height, y + strip);
      bytes.set(source.subarray(y * rowBytes, end * rowBytes), from);
      kernels.horizontal(from, target + y * toRowBytes, end - y, rowBytes, toWidth, rowsAt);
    }
    if (vertical) kernels.vertical(between, to, toRowBytes, toHeight, columnsAt);
  } else {
    bytes.set(source, from);
    kernels.vertical(from, horizontal ? between : to, rowBytes, toHeight, columnsAt);
    if (horizontal) kernels.horizontal(between, to, toHeight, rowBytes, toWidth, rowsAt);
  }
  const pixels = bytes.slice(to, to + targetBytes);
  kept = memory.buffer.byteLength > KEPT_BYTES ? undefined : kernels;
  return pixels;
}

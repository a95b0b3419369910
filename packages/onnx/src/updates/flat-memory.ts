import { KdError } from '@kd/core';

const PAGE = 65536; // bytes
const ALIGNMENT = 16; // float32 values: one line of the cache, four vectors of WebAssembly

/** Where each of some tensors lies in every flat array of a memory. */
export interface FlatLayout {
  /** Of each tensor, in values, a multiple of 16; the gap behind a tensor is never anything but zeros. */
  offsets: readonly number[];
  /** Of each tensor, rounded up to the next one's offset. */
  counts: readonly number[];
  /** Values in one array. */
  length: number;
}

/** Lays tensors of these sizes one behind the other. */
export function flatLayout(sizes: readonly number[]): FlatLayout {
  const offsets: number[] = [];
  const counts: number[] = [];
  let length = 0;
  for (const size of sizes) {
    const count = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    offsets.push(length);
    counts.push(count);
    length += count;
  }
  return { offsets, counts, length };
}

/** Arrays of equal length in one memory, by name. */
export interface FlatMemory {
  memory: WebAssembly.Memory;
  arrays: Readonly<Record<string, Float32Array>>;
}

/**
 * Arrays of zeros in one memory that is not shared and never grows, so that views of it stay valid.
 *
 * @throws {KdError} UNSUPPORTED above 4 GiB together, or where the machine has not that much
 */
export function allocateFlat(names: readonly string[], length: number): FlatMemory {
  const bytes = 4 * length * names.length;
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    const gigabytes = (bytes / 2 ** 30).toFixed(1);
    throw new KdError(
      'UNSUPPORTED',
      `flatMemory: no ${gigabytes} GiB for ${names.join(', ')} of ${length} values each; at most 4 GiB fit, so train ` +
        'fewer layers or take an optimiser with fewer slots',
      { names, length },
      { cause },
    );
  }
  const arrays = names.map((name, i) => [name, new Float32Array(memory.buffer, 4 * length * i, length)]);
  return { memory, arrays: Object.fromEntries(arrays) };
}

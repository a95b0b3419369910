/**
 * The exports of a module of ours, over the memory in which the backend keeps its tensors: nothing is copied.
 *
 * @param module base64
 * @returns undefined where there is no SIMD, or the memory is shared between threads
 */
export function instantiate<Exports>(module: string, memory: WebAssembly.Memory): Exports | undefined {
  if (typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer) return undefined;
  const bytes = Uint8Array.from(atob(module), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return undefined; // no SIMD
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { tfjs: { memory } }).exports as Exports;
}

/**
 * Memory of its own for one array, with anything in it, for who writes all of it. A batch of 32 float32 images has 19 MB:
 * zeros first would take as long as the images do.
 */
export function unfilledMemory(bytes: number): ArrayBuffer {
  return Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer; // not the pool, which many share
}

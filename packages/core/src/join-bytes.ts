/**
 * Bytes in memory that is not shared between threads, as a `Blob` or a request takes them: `Uint8Array<ArrayBuffer>`, which
 * TypeScript before 5.7 cannot say.
 */
export type OwnBytes = ReturnType<Uint8Array['slice']>;

/** Arrays of bytes, one behind the other. */
export function joinBytes(parts: readonly Uint8Array[]): OwnBytes {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

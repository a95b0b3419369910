/** Anything that a fingerprint covers: a name, its shape, and its bytes. */
export interface FingerprintPart {
  name: string;
  shape: readonly number[];
  data: ArrayBufferView;
}

async function sha256(bytes: ArrayBufferView): Promise<string> {
  // Copied: subtle takes no view of shared memory, and a caller may write to its array meanwhile.
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', copy));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * SHA-256 over names, shapes and bytes of all parts, in the given order.
 *
 * Two models have equal fingerprints only if every weight has the same name, shape and bits. The digest is
 * taken over one line of JSON a part (`[name, type, shape, sha256 of the bytes]`).
 *
 * @returns 64 hexadecimal digits
 *
 * @example
 * import { fingerprint } from '@kd/core';
 * const print = await fingerprint([{ name: 'bias', shape: [2], data: Float32Array.of(0, 1) }]);
 * console.log(print.length); // 64
 */
export async function fingerprint(parts: Iterable<FingerprintPart>): Promise<string> {
  const lines: string[] = [];
  for (const { name, shape, data } of parts) {
    lines.push(JSON.stringify([name, data.constructor.name, shape, await sha256(data)]));
  }
  return sha256(new TextEncoder().encode(lines.join('\n')));
}

/** SHA-256 as hexadecimal digits, in Node and in browsers. */
export async function sha256(array: Uint8Array | Float32Array): Promise<string> {
  const bytes = Uint8Array.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

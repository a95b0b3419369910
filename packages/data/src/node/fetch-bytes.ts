import { KdError } from '@kd/core';

interface FetchBytesOptions {
  maxBytes: number;
  fetch: typeof fetch;
  name: string;
  signal?: AbortSignal;
}

async function bodyOf(where: string, response: Response, name: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Counted as it comes: what the server says about the length may be wrong.
  for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new KdError(
        'INVALID_DATA',
        `${where}: ${name} is longer than ${maxBytes} bytes; raise maxBytes if it is meant`,
        {
          name,
          maxBytes,
        },
      );
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** What is at an `http:`, `https:` or `data:` address. */
export async function fetchBytes(
  where: string,
  address: URL,
  { maxBytes, fetch: fetchFrom, name, signal }: FetchBytesOptions,
): Promise<Uint8Array> {
  if (!['http:', 'https:', 'data:'].includes(address.protocol)) {
    throw new KdError('UNSUPPORTED', `${where}: cannot read ${address.protocol} addresses; download it first`, {
      name,
    });
  }
  try {
    const response = await fetchFrom(address, signal ? { signal } : {});
    if (!response.ok) {
      await response.body?.cancel();
      const code = response.status === 404 ? 'NOT_FOUND' : response.status < 500 ? 'ACCESS_DENIED' : 'UNAVAILABLE';
      throw new KdError(code, `${where}: ${name} answers ${response.status} ${response.statusText}`, {
        name,
        status: response.status,
      });
    }
    return await bodyOf(where, response, name, maxBytes);
  } catch (error) {
    if (KdError.isInstance(error)) throw error;
    signal?.throwIfAborted();
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new KdError('UNAVAILABLE', `${where}: ${name} cannot be fetched: ${reason}`, { name }, { cause: error });
  }
}

import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { KdError } from '../../errors.ts';
import { hubRequest, idleSignal, type Subject, unreachable } from './request.ts';
import type { HubSettings } from './settings.ts';

const ATTEMPTS = 5; // in a row without a single byte
const FIRST_DELAY = 500; // ms; doubles

/** What the Hub says about a file. */
export interface RemoteFile {
  url: string;
  /** The name of its content: SHA-256 of a large file, git's SHA-1 of a small one, both in hexadecimal digits. */
  etag: string;
  size: number | undefined;
}

/** Size of a file, or `undefined` if there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

/**
 * Asks for the bytes that are missing, once, and writes them where they belong.
 *
 * Bytes go to their own places, never "to the end": two processes at the same file write the same bytes.
 */
async function attempt(
  settings: HubSettings,
  subject: Required<Subject>,
  { url, size }: RemoteFile,
  file: FileHandle,
  from: number,
): Promise<void> {
  const { signal, touch, done } = idleSignal(settings);
  let at = from;
  let host = new URL(url).host;
  try {
    const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
    const { response } = await hubRequest(settings, subject, url, { headers, signal });
    host = response.url ? new URL(response.url).host : host;
    if (response.status !== 206) at = 0; // it does not do ranges, and starts anew
    const total = size ?? Number.POSITIVE_INFINITY;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      touch();
      if (at + chunk.length > total) {
        const { caller } = settings;
        throw new KdError(
          'INVALID_DATA',
          `${caller}: '${subject.path}' is longer than the ${size} bytes it should have`,
        );
      }
      for (let written = 0; written < chunk.length; ) {
        written += (await file.write(chunk, written, chunk.length - written, at + written)).bytesWritten;
      }
      at += chunk.length;
      settings.onProgress({ path: subject.path, loaded: at, total: size });
    }
  } catch (error) {
    settings.signal?.throwIfAborted();
    throw KdError.isInstance(error) ? error : unreachable(settings, host, signal.aborted ? signal.reason : error);
  } finally {
    done();
  }
  if (size === undefined || at === size) return;
  throw unreachable(settings, host, new Error(`cut after ${at} of ${size} bytes`));
}

/** SHA-256 or git's SHA-1 of a file, whichever the etag is; `undefined` if it is neither. */
async function contentName(path: string, etag: string): Promise<string | undefined> {
  if (!/^([0-9a-f]{64}|[0-9a-f]{40})$/.test(etag)) return undefined;
  const hash = createHash(etag.length === 64 ? 'sha256' : 'sha1');
  if (etag.length === 40) hash.update(`blob ${await fileSize(path)}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Brings a file up to its size: goes on where a former download ended, and after each cut. */
async function fill(
  settings: HubSettings,
  subject: Required<Subject>,
  remote: RemoteFile,
  partial: string,
): Promise<void> {
  const file = await open(partial, constants.O_RDWR | constants.O_CREAT); // as it is, or empty
  try {
    for (let failures = 0; ; ) {
      let { size: from } = await file.stat();
      if (from === remote.size) break;
      if (from > (remote.size ?? 0)) {
        await file.truncate(0); // too long, or nobody knows how long it should be
        from = 0;
      }
      try {
        await attempt(settings, subject, remote, file, from);
        break;
      } catch (error) {
        if (!KdError.isInstance(error) || error.code !== 'UNAVAILABLE') throw error;
        failures = (await file.stat()).size > from ? 0 : failures + 1;
        if (failures === ATTEMPTS) throw error;
        if (failures > 0) await sleep(FIRST_DELAY * 2 ** (failures - 1), undefined, { signal: settings.signal });
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Downloads a file so that `target` appears whole and right, or not at all.
 *
 * It grows beside its target in `<target>.kd.incomplete`, which is kept when the download fails: the next one goes on
 * there. Size and hash are compared before it gets its name.
 *
 * @throws {KdError} UNAVAILABLE if the connection breaks again and again; INVALID_DATA if the content is not what the
 *   Hub says it is, also when all of it is asked for anew
 */
export async function download(
  settings: HubSettings,
  subject: Required<Subject>,
  remote: RemoteFile,
  target: string,
): Promise<void> {
  const partial = `${target}.kd.incomplete`;
  const resumed = ((await fileSize(partial)) ?? 0) > 0;
  await fill(settings, subject, remote, partial);
  const name = await contentName(partial, remote.etag);
  if (name === undefined || name === remote.etag) {
    await rename(partial, target).catch(async (error: unknown) => {
      if ((await fileSize(target)) === undefined) throw error; // else another process was faster
    });
    return;
  }
  await rm(partial, { force: true });
  if (resumed) return download(settings, subject, remote, target); // what was there before may have been the wrong part
  throw new KdError(
    'INVALID_DATA',
    `${settings.caller}: '${subject.path}' of '${subject.repo}' came with the hash ${name} instead of ${remote.etag}; ` +
      'it was deleted. Try again; if it stays so, something on the way changes it (a proxy?)',
    { ...subject, expected: remote.etag, got: name },
  );
}

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from './decode-image.ts';
import { readImage } from './read-image.ts';

const path = fileURLToPath(new URL('../../fixtures/decode/rgb.jpg', import.meta.url));
const bytes = readFileSync(path);

let server: Server;
let address: string;
beforeAll(async () => {
  server = createServer(({ url }, response) => {
    if (url === '/leaf.jpg') response.end(bytes);
    else if (url === '/endless') {
      response.write(bytes);
      const more = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
      response.on('close', () => clearInterval(more));
    } else if (url === '/cut') {
      response.writeHead(200, { 'content-length': 100_000 });
      response.write(bytes, () => response.destroy());
    } else if (url === '/silent') response.writeHead(200).flushHeaders();
    else response.writeHead(url === '/broken' ? 503 : 404).end();
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('readImage', () => {
  it('gives the pixels of decodeImage, wherever the bytes are', async () => {
    const expected = await decodeImage(bytes);
    expect(await readImage(bytes)).toEqual(expected);
    expect(await readImage(path)).toEqual(expected);
    expect(await readImage(pathToFileURL(path))).toEqual(expected);
    expect(await readImage(pathToFileURL(path).href)).toEqual(expected);
    expect(await readImage(`${address}/leaf.jpg`)).toEqual(expected);
    expect(await readImage(new URL(`${address}/leaf.jpg`))).toEqual(expected);
    expect(await readImage(`data:image/jpeg;base64,${bytes.toString('base64')}`)).toEqual(expected);
  });

  it('passes options on', async () => {
    const turned = path.replace('rgb.jpg', 'exif-6.jpg');
    expect((await readImage(turned)).shape).toEqual([20, 12, 3]);
    expect((await readImage(turned, { exifOrientation: false })).shape).toEqual([12, 20, 3]);
    await expect(readImage(path, { maxPixels: 239 })).rejects.toThrow(/rgb.jpg claims 20 x 12 pixels, more than 239/);
  });

  it('says which file there is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kd-'));
    await expect(readImage(join(folder, 'leaf.jpg'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `readImage: there is no file '${join(folder, 'leaf.jpg')}'`,
    });
    await expect(readImage(folder)).rejects.toThrow(/^readImage: '.*' cannot be read: EISDIR/);
    await rm(folder, { recursive: true });
  });

  it.each([
    ['/nowhere.jpg', 'NOT_FOUND', /^readImage: http.*nowhere.jpg answers 404/],
    ['/broken', 'UNAVAILABLE', /answers 503/],
    ['/cut', 'UNAVAILABLE', /\/cut cannot be fetched: /],
    ['/endless', 'INVALID_DATA', /\/endless is longer than 200000 bytes; raise maxBytes/],
  ])('reports %s', async (page, code, message) => {
    const reading = readImage(`${address}${page}`, { maxBytes: 200_000 });
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('can be broken off', async () => {
    const controller = new AbortController();
    const reading = readImage(`${address}/silent`, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(reading).rejects.toThrow('enough');
  });

  it('refuses what it cannot read', async () => {
    await expect(readImage(new URL('ftp://example.org/leaf.jpg'))).rejects.toThrow(
      'readImage: cannot read ftp: addresses',
    );
    await expect(readImage(new Uint8Array())).rejects.toThrow('readImage: image is empty (0 bytes)');
    await expect(readImage('http://127.0.0.1:1/leaf.jpg')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(readImage(undefined as unknown as string)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

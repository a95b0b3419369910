import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { imageHeader } from '../../decode/image-header.ts';

const NAMED = /\.(jpe?g|jpe|jfif|png|apng|gif|webp|tiff?|avif|hei[cf]|bmp|dib|jp2|pbm|pgm|ppm|pnm)$/i;

async function startsAsImage(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(32), 0, 32, 0);
    const format = imageHeader(buffer.subarray(0, bytesRead))?.format;
    return format !== undefined && format !== 'bmp'; // two letters are too little to go by
  } finally {
    await file.close();
  }
}

/**
 * Those files that are images: by name, in any case, or by their first bytes where the name does not say so. One with an
 * image's name stays even if it is damaged, so that reading it tells.
 */
export async function imageFiles(root: string, paths: readonly string[]): Promise<string[]> {
  const images: string[] = [];
  for (const path of paths) {
    if (NAMED.test(path) || (await startsAsImage(join(root, path)))) images.push(path);
  }
  return images;
}

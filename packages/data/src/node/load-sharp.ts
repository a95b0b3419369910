import { KdError } from '@kd/core';
import { optionalPackage } from '@kd/core/node';
import type { SharpConstructor } from 'sharp';
import { once } from '../once.ts';

const importSharp = once(async (): Promise<SharpConstructor> => {
  const { default: sharp } = await import('sharp');
  // Threads within an image: several images at a time keep the cores as busy, for half the work (1.1 in place of 2 ms).
  sharp.concurrency(1);
  return sharp;
});

/**
 * sharp, loaded with the first image.
 *
 * @throws {KdError} NOT_FOUND if it is not there; UNAVAILABLE without its binary, which npm leaves out with
 *   `--omit=optional` and which a node_modules that was copied from another machine has for that one
 */
export async function loadSharp(caller: string): Promise<SharpConstructor> {
  try {
    return await optionalPackage('sharp', importSharp, { caller, use: 'decoding images' });
  } catch (cause) {
    if (KdError.isInstance(cause)) throw cause;
    const place = `${process.platform} ${process.arch}`;
    const [why] = (cause as Error).message.split('\n'); // the rest is a page of advice
    throw new KdError(
      'UNAVAILABLE',
      `${caller}: sharp, which decodes images, has no binary that loads on ${place}: run \`npm install --include=optional sharp\` on this machine (${why})`,
      { platform: process.platform, arch: process.arch },
      { cause },
    );
  }
}

import { describe, expect, it } from 'vitest';
import { parseCifar } from './cifar.ts';

/** A record as the archive has it: labels, then the planes. */
function record(labels: number[], pixel: (channel: number, y: number, x: number) => number): Uint8Array {
  const planes = [0, 1, 2].flatMap((channel) => Array.from({ length: 1024 }, (_, i) => pixel(channel, i >> 5, i & 31)));
  return Uint8Array.of(...labels, ...planes);
}

const pixel = (channel: number, y: number, x: number): number => (channel * 80 + y * 2 + x) & 255;

describe('parseCifar', () => {
  it('puts channels last', () => {
    const bytes = Uint8Array.of(...record([7], pixel), ...record([0], (c, y, x) => 255 - pixel(c, y, x)));
    const { images, labels } = parseCifar(bytes);
    expect([images.shape, [...labels]]).toEqual([
      [2, 32, 32, 3],
      [7, 0],
    ]);
    for (const [y, x, channel] of [
      [0, 0, 0],
      [0, 1, 2],
      [31, 31, 1],
      [17, 5, 2],
    ] as const) {
      const at = (y * 32 + x) * 3 + channel;
      expect(images.data[at]).toBe(pixel(channel, y, x));
      expect(images.data[3072 + at]).toBe(255 - pixel(channel, y, x));
    }
  });

  it('takes either label of CIFAR-100', () => {
    const bytes = record([19, 99], pixel);
    expect(parseCifar(bytes, { layout: 'cifar100' }).labels[0]).toBe(99);
    expect(parseCifar(bytes, { layout: 'cifar100', labels: 'coarse' }).labels[0]).toBe(19);
  });

  it('refuses cut files, the other layout and labels that are none', () => {
    expect(() => parseCifar(record([1], pixel).slice(1), { name: 'data_batch_1.bin' })).toThrow(
      'parseCifar: data_batch_1.bin: 3072 bytes are not whole records of 3073, as cifar10 has them',
    );
    expect(() => parseCifar(new Uint8Array())).toThrow('parseCifar: bytes: 0 bytes');
    expect(() => parseCifar(record([1, 2], pixel))).toThrow('3074 bytes are not whole records of 3073');
    expect(() => parseCifar(record([10], pixel))).toThrow('label 10 of image 0 is not in [0, 10)');
    expect(() => parseCifar(record([20, 1], pixel), { layout: 'cifar100', labels: 'coarse' })).toThrow(
      'label 20 of image 0 is not in [0, 20)',
    );
  });
});

import { readFileSync } from 'node:fs';
import { randomSource } from '../random.ts';
import type { NamedTensor } from '../tensor-files/tensor-file.ts';

const folder = new URL('../../fixtures/', import.meta.url);

/** A file made by `fixtures/make_tensor_files.py`, in an array of its own. */
export function fixture(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(new URL(name, folder)));
}

export function jsonFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T;
}

interface Expected {
  dtype: string;
  shape: number[];
  values: (number | string)[];
}

/** What Python says is in a file: `'-0'`, `'nan'`, `'inf'` are text in it. */
export function expectedTensors(file: string): Record<string, Expected> {
  return jsonFixture<Record<string, Record<string, Expected>>>('expected.json')[file]!;
}

/** A tensor in the same form. */
export function described(tensor: NamedTensor, dtype: string): Expected {
  const shown = (value: number): number | string =>
    Object.is(value, -0)
      ? '-0'
      : Number.isFinite(value)
        ? value
        : Number.isNaN(value)
          ? 'nan'
          : value > 0
            ? 'inf'
            : '-inf';
  return { dtype, shape: [...tensor.shape], values: Array.from(tensor.data, shown) };
}

const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A damaged copy of a file; the same one for the same id. */
export function mutated(original: Uint8Array, id: number): Uint8Array {
  const random = randomSource({ seed: 6, stream: 'mutated', id });
  // Most of what can go wrong is at the ends, where headers and directories are.
  const place = (length: number): number => {
    const near = random.below(Math.min(length, 1 + (random.below(4) === 0 ? length : 700)));
    return random.below(2) === 0 ? near : length - 1 - near;
  };
  let bytes = Uint8Array.from(original);
  for (let n = 1 + random.below(3); n > 0 && bytes.length > 1; n--) {
    const at = place(bytes.length);
    const length = Math.min(bytes.length - at, 1 + random.below(random.below(2) === 0 ? 4 : 64));
    const write = (value: number) => (): void => {
      bytes[at] = value;
    };
    const number = NUMBERS[random.below(NUMBERS.length)]!;
    const changes = [
      write(bytes[at]! ^ (1 << random.below(8))),
      write(random.below(256)),
      write(0x30 + random.below(10)), // a digit
      () => bytes.fill(random.below(2) * 255, at, at + length),
      () => bytes.copyWithin(at, place(bytes.length), place(bytes.length)),
      () => new DataView(bytes.buffer).setUint32(Math.min(at, bytes.length - 4), number, true),
      () => {
        bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + length)); // a piece is lost
      },
      () => {
        bytes = Uint8Array.of(...bytes.subarray(0, at + length), ...bytes.subarray(at)); // a piece comes twice
      },
      () => {
        bytes = bytes.slice(0, at); // cut
      },
    ];
    if (bytes.length >= 4) changes[random.below(changes.length)]!();
  }
  return bytes;
}

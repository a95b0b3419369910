import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tablePath } from '../../testing/tables.ts';
import { arrowDataset } from '../arrow-dataset.ts';
import { parquetDataset } from '../parquet-dataset.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd damaged '));
});
afterAll(() => rm(folder, { recursive: true }));

type Damage = {
  kind: 'write' | 'fill' | 'cut' | 'remove' | 'repeat' | 'number';
  at: number;
  fromEnd: boolean;
  value: number;
};
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom('write', 'fill', 'cut', 'remove', 'repeat', 'number'),
  // Headers and footers are at the ends, and decide about everything.
  at: fc.oneof(fc.nat(1500), fc.nat(20_000)),
  fromEnd: fc.boolean(),
  value: fc.nat(255),
});

function damaged(original: Uint8Array, damages: readonly Damage[]): Uint8Array {
  let bytes = Uint8Array.from(original);
  for (const { kind, at: from, fromEnd, value } of damages) {
    if (bytes.length < 8) break;
    const near = from % bytes.length;
    const at = fromEnd ? bytes.length - 1 - near : near;
    const length = 1 + (value % 40);
    if (kind === 'write') bytes[at] = value;
    else if (kind === 'fill') bytes.fill(value & 1 ? 255 : 0, at, at + length);
    else if (kind === 'cut') bytes = bytes.slice(0, at);
    else if (kind === 'remove') bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + length));
    else if (kind === 'repeat') bytes = Uint8Array.of(...bytes.subarray(0, at + length), ...bytes.subarray(at));
    else new DataView(bytes.buffer).setUint32(Math.min(at, bytes.length - 4), NUMBERS[value % NUMBERS.length]!, true);
  }
  return bytes;
}

describe.each([
  ['none.parquet', parquetDataset],
  ['zstd.parquet', parquetDataset],
  ['snappy.parquet', parquetDataset],
  ['dictionary.parquet', parquetDataset],
  ['beans-train.arrow', arrowDataset],
  ['wide.arrow', arrowDataset],
] as const)('a damaged %s', (name, open) => {
  it('is read or refused, quickly', { timeout: 120_000 }, async () => {
    const original = new Uint8Array(await readFile(tablePath(name)));
    const path = join(folder, name);
    let refused = 0;
    let slowest = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        await writeFile(path, damaged(original, damages));
        const start = performance.now();
        try {
          const dataset = await open([path]);
          for (let index = 0; index < dataset.length; index++) {
            const { label = 0 } = dataset.info(index);
            expect(Number.isInteger(label) && label >= 0 && label < Math.max(1, dataset.classNames.length)).toBe(true);
            const bytes = await dataset.read(index).catch((error: unknown) => error);
            if (!KdError.isInstance(bytes)) expect(bytes).toBeInstanceOf(Uint8Array);
          }
        } catch (error) {
          if (!KdError.isInstance(error)) throw error;
          refused += 1;
        }
        slowest = Math.max(slowest, performance.now() - start);
      }),
      { numRuns: Number(process.env.KD_DAMAGED_RUNS ?? 150), seed: 8 },
    );
    expect(refused).toBeGreaterThan(20); // the damage does arrive
    expect(slowest).toBeLessThan(5000);
  });
});

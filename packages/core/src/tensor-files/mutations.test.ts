import { describe, expect, it } from 'vitest';
import { KdError } from '../errors.ts';
import { fixture, mutated } from '../testing/fixtures.ts';
import { bytesSource } from './byte-source.ts';
import { openPytorch } from './pytorch/open-pytorch.ts';
import { openSafetensors } from './safetensors/open-safetensors.ts';
import { readSafetensors } from './safetensors/read-safetensors.ts';
import { writeSafetensors } from './safetensors/write-safetensors.ts';
import type { NamedTensor, TensorFile } from './tensor-file.ts';

/** Files for each format. `KD_FUZZ=100000 npx vitest run packages/core/src/tensor-files/mutations` takes minutes. */
const COUNT = Number(process.env.KD_FUZZ ?? 3000);
const TIMEOUT = 60_000 + COUNT * 20;

/** The tensors of a damaged file, or `undefined` where it is refused as it should be. */
async function survivors(bytes: Uint8Array, open: typeof openPytorch): Promise<NamedTensor[] | undefined> {
  try {
    const file: TensorFile = await open(bytesSource(bytes));
    return await Promise.all(file.tensors.map(({ name }) => file.read(name)));
  } catch (error) {
    if (!KdError.isInstance(error)) throw error;
    return undefined;
  }
}

/** Bytes of a tensor by the letter of the format, with nothing of the reader in it. */
function bytesByHand(file: Uint8Array, name: string): Uint8Array {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const [from, to] = header[name].data_offsets;
  return file.subarray(8 + length + from, 8 + length + to);
}

describe(`of ${COUNT} damaged files`, () => {
  it('safetensors: each is refused, or gives what is in it', { timeout: TIMEOUT }, async () => {
    const original = fixture('every-type.safetensors');
    let read = 0;
    for (let id = 0; id < COUNT; id++) {
      const bytes = mutated(original, id);
      const tensors = await survivors(bytes, openSafetensors);
      if (!tensors) {
        expect(() => readSafetensors(bytes)).toThrow(KdError);
        continue;
      }
      read += 1;
      expect(readSafetensors(bytes).tensors).toEqual(tensors);
      const again = writeSafetensors(tensors);
      for (const { name } of tensors) {
        expect(Buffer.compare(bytesByHand(again, name), bytesByHand(bytes, name)), `'${name}' of file ${id}`).toBe(0);
      }
    }
    expect(read).toBeGreaterThan(COUNT / 100); // damaged values are still values
    expect(read).toBeLessThan(COUNT);
  });

  it('pytorch_model.bin: each is refused, or gives what was in it before', { timeout: TIMEOUT }, async () => {
    const originals = await Promise.all(
      ['torch-2.11.bin', 'protocol-4.bin', 'zip64.bin'].map(async (name) => {
        const bytes = fixture(name);
        return { bytes, tensors: (await survivors(bytes, openPytorch))! };
      }),
    );
    let read = 0;
    for (let id = 0; id < COUNT; id++) {
      const { bytes, tensors } = originals[id % originals.length]!;
      const found = await survivors(mutated(bytes, id), openPytorch);
      if (!found) continue;
      read += 1;
      expect(found, `file ${id}`).toEqual(tensors); // its checksums hold
    }
    expect(read).toBeGreaterThan(COUNT / 100);
    expect(read).toBeLessThan(COUNT);
  });

  it('pytorch_model.bin without checksums: each is refused or read', { timeout: TIMEOUT }, async () => {
    const original = fixture('no-checksums.bin');
    for (let id = 0; id < COUNT; id++) await survivors(mutated(original, id), openPytorch);
  });
});

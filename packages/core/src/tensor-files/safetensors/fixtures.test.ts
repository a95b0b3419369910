import { describe, expect, it } from 'vitest';
import { described, expectedTensors, fixture } from '../../testing/fixtures.ts';
import { bytesSource } from '../byte-source.ts';
import { openSafetensors } from './open-safetensors.ts';
import { readSafetensors } from './read-safetensors.ts';
import { writeSafetensors } from './write-safetensors.ts';

const bytes = fixture('every-type.safetensors');

describe("a file of every type, by Python's safetensors", () => {
  it('is read as Python reads it, as a whole and one by one', async () => {
    const file = await openSafetensors(bytesSource(bytes));
    const { tensors, metadata } = readSafetensors(bytes);
    const expected = expectedTensors('every-type.safetensors');
    expect(metadata).toEqual({ format: 'pt' });
    expect(file.metadata).toEqual({ format: 'pt' });
    expect(Object.fromEntries(file.tensors.map((info, i) => [info.name, described(tensors[i]!, info.dtype)]))).toEqual(
      expected,
    );
    for (const tensor of tensors) expect(await file.read(tensor.name)).toEqual(tensor);
  });

  it('is written byte for byte as Python writes it', () => {
    const { tensors, metadata } = readSafetensors(bytes);
    expect(writeSafetensors(tensors, metadata)).toEqual(bytes);
  });
});

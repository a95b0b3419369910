import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { safetensorsParts } from '../tensor-files/safetensors/safetensors-parts.ts';
import { shardTensors } from '../tensor-files/safetensors/shard-tensors.ts';
import type { NamedTensor } from '../tensor-files/tensor-file.ts';
import { fixture } from '../testing/fixtures.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { fileSource } from './file-source.ts';
import { openTensors } from './open-tensors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd tensors '));
});
afterEach(() => rm(folder, { recursive: true }));

const tensors: NamedTensor[] = [
  { name: 'a', shape: [1000], data: Float32Array.from({ length: 1000 }, (_, i) => i) },
  { name: 'b', shape: [2], data: Float32Array.of(1, -0), dtype: 'BF16' },
];

describe('openTensors', () => {
  it('reads what was written in parts', async () => {
    const path = join(folder, 'model.safetensors');
    await writeFileAtomic(path, safetensorsParts(tensors, { format: 'pt' }));
    const file = await openTensors(path);
    for (const tensor of tensors) expect(await file.read(tensor.name)).toEqual(tensor);
    await file.close();
    await expect(file.read('a')).rejects.toThrow();
  });

  it('reads shards beside their index', async () => {
    const { files, index } = shardTensors(tensors, { maxShardBytes: 4000 });
    for (const { file, tensors } of files) await writeFileAtomic(join(folder, file), safetensorsParts(tensors));
    await writeFileAtomic(join(folder, index!.file), index!.content);
    const file = await openTensors(join(folder, index!.file));
    for (const tensor of tensors) expect(await file.read(tensor.name)).toEqual(tensor);
    await file.close();
  });

  it('reads a pytorch_model.bin, alone and as a shard', async () => {
    await writeFileAtomic(join(folder, 'pytorch_model.bin'), fixture('protocol-4.bin'));
    const weights = { a: 'pytorch_model.bin', b: 'pytorch_model.bin' };
    await writeFileAtomic(join(folder, 'pytorch_model.bin.index.json'), JSON.stringify({ weight_map: weights }));
    for (const name of ['pytorch_model.bin', 'pytorch_model.bin.index.json']) {
      const file = await openTensors(join(folder, name));
      expect((await file.read('a')).data).toEqual(Float32Array.of(0, 1, 2));
      expect(await file.read('b')).toEqual({ name: 'b', shape: [1], data: Float64Array.of(1), dtype: 'I64' });
      await file.close();
    }
  });

  it('says that a file is missing, or has become shorter', async () => {
    await expect(openTensors(join(folder, 'no.bin'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const path = join(folder, 'model.safetensors');
    await writeFileAtomic(path, safetensorsParts(tensors));
    const file = await openTensors(path);
    await truncate(path, 1000);
    await expect(file.read('a')).rejects.toThrow(/asked for 4000 bytes .* the source gave \d+: did the file change/);
    await file.close();
  });
});

describe('fileSource', () => {
  it('gives what there is of a range', async () => {
    const path = join(folder, 'some.bin');
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
    const source = await fileSource(path);
    expect(source.size).toBe(3);
    expect(await source.read(1, 9)).toEqual(Uint8Array.of(2, 3));
    expect(await source.read(9, 9)).toEqual(new Uint8Array(0));
    await source.close();
  });
});

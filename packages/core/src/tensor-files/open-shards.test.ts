import { describe, expect, it } from 'vitest';
import { bytesSource } from './byte-source.ts';
import { openShards } from './open-shards.ts';
import { openSafetensors } from './safetensors/open-safetensors.ts';
import { shardTensors } from './safetensors/shard-tensors.ts';
import { writeSafetensors } from './safetensors/write-safetensors.ts';
import type { NamedTensor } from './tensor-file.ts';

const tensor = (name: string, length: number): NamedTensor => {
  return { name, shape: [length], data: new Float32Array(length).fill(length) };
};
const tensors = [tensor('a', 2), tensor('b', 3), tensor('c', 9), tensor('d', 1)];

/** Shards in memory, opened by name. */
function shelf(files: { file: string; tensors: NamedTensor[] }[]) {
  const closed: string[] = [];
  const open = async (name: string) => {
    const { file, tensors } = files.find(({ file }) => file === name)!;
    const source = bytesSource(writeSafetensors(tensors, { format: 'pt' }));
    return openSafetensors({ ...source, close: async () => void closed.push(file) });
  };
  return { open, closed };
}

describe('shardTensors', () => {
  it('starts a new file where the next tensor would not fit', () => {
    const { files, index } = shardTensors(tensors, { maxShardBytes: 20 });
    expect(files.map(({ file, tensors }) => [file, ...tensors.map(({ name }) => name)])).toEqual([
      ['model-00001-of-00003.safetensors', 'a', 'b'],
      ['model-00002-of-00003.safetensors', 'c'], // larger than the limit, so alone
      ['model-00003-of-00003.safetensors', 'd'],
    ]);
    expect(index!.file).toBe('model.safetensors.index.json');
    expect(JSON.parse(index!.content)).toEqual({
      metadata: { total_size: 60 },
      weight_map: {
        a: 'model-00001-of-00003.safetensors',
        b: 'model-00001-of-00003.safetensors',
        c: 'model-00002-of-00003.safetensors',
        d: 'model-00003-of-00003.safetensors',
      },
    });
  });

  it('counts bytes as they are in the file, and needs no index for one', () => {
    const halves = tensors.map((tensor): NamedTensor => ({ ...tensor, dtype: 'F16' }));
    expect(shardTensors(halves, { maxShardBytes: 30, name: 'student' })).toEqual({
      files: [{ file: 'student.safetensors', tensors: halves }],
    });
  });

  it('refuses a size of nothing', () => {
    expect(() => shardTensors(tensors, { maxShardBytes: 0 })).toThrow('shardTensors: maxShardBytes must be > 0, got 0');
  });
});

describe('openShards', () => {
  it('reads each tensor from its shard, and closes all', async () => {
    const { files, index } = shardTensors(tensors, { maxShardBytes: 20 });
    const { open, closed } = shelf(files);
    const file = await openShards(index!.content, open);
    expect(file.tensors.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(file.metadata).toEqual({ format: 'pt' });
    for (const tensor of tensors) expect(await file.read(tensor.name)).toEqual(tensor);
    await expect(file.read('e')).rejects.toThrow("openShards: no tensor 'e' among 4");
    await file.close();
    expect(closed).toHaveLength(3);
  });

  const map = (weights: unknown): string => JSON.stringify({ weight_map: weights });
  it.each([
    ['no JSON', '{', 'the index is not JSON'],
    ['null', 'null', 'the index has no weight_map'],
    ['a list', '{"weight_map":[]}', 'the index has no weight_map'],
    ['a name twice', '{"weight_map":{"a":"x","a":"y"}}', "the index has 'a' twice"],
    ['another folder', map({ a: '../x.safetensors' }), `'a' is in "../x.safetensors", which is no name of a file`],
    ['the folder itself', map({ a: '..' }), `'a' is in "..", which is no name of a file`],
    ['a drive', map({ a: 'C:x' }), `'a' is in "C:x", which is no name of a file`],
    ['no name', map({ a: 1 }), "'a' is in 1, which is no name of a file"],
    ['a tensor elsewhere', map({ a: 'x', z: 'x' }), "'z' is not in x, where the index has it"],
    ['a tensor too few', map({ b: 'x' }), "'a' is in x, but not in the index"],
  ])('refuses an index with %s', async (_, index, message) => {
    const { open, closed } = shelf([{ file: 'x', tensors: [tensor('a', 1)] }]);
    await expect(openShards(index, open)).rejects.toThrow(`openShards: ${message}`);
    expect(closed.length).toBeLessThanOrEqual(1);
  });

  it('refuses an index of very many files before it opens one', async () => {
    const names = Array.from({ length: 10_001 }, (_, i) => [`t${i}`, `f${i}`]);
    const open = () => Promise.reject(new Error('opened'));
    await expect(openShards(map(Object.fromEntries(names)), open)).rejects.toThrow('10001 shards are more than 10000');
  });
});

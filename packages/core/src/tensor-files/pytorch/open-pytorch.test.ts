import { describe, expect, it } from 'vitest';
import { described, expectedTensors, fixture } from '../../testing/fixtures.ts';
import { bytesSource } from '../byte-source.ts';
import { crc32 } from './crc32.ts';
import { openPytorch } from './open-pytorch.ts';

const open = (name: string) => openPytorch(bytesSource(fixture(name)));

describe('openPytorch', () => {
  it.each(['torch-1.13.bin', 'torch-2.11.bin', 'torch-2.15.bin', 'protocol-4.bin', 'zip64.bin', 'no-checksums.bin'])(
    'reads %s as torch does',
    async (name) => {
      const file = await open(name);
      const expected = expectedTensors(name);
      expect(file.tensors.map((tensor) => tensor.name)).toEqual(Object.keys(expected));
      for (const { name, dtype, shape } of file.tensors) {
        const tensor = await file.read(name);
        expect(described(tensor, dtype), name).toEqual(expected[name]);
        expect([tensor.name, tensor.shape]).toEqual([name, shape]);
      }
    },
  );

  it('reads no byte of other tensors, and each storage once', async () => {
    const bytes = fixture('torch-2.11.bin');
    const source = bytesSource(bytes);
    const reads: [number, number][] = [];
    const file = await openPytorch({
      size: source.size,
      read: (offset, length) => {
        reads.push([offset, length]);
        return source.read(offset, length);
      },
    });
    reads.length = 0;
    await file.read('0.weight');
    expect(reads.map(([, length]) => length).sort((a, b) => a - b)).toEqual([17, 30, 72]); // name, local header, values
    reads.length = 0;
    await file.read('0.weight');
    expect(reads.map(([, length]) => length)).toEqual([72]);
  });

  it('gives each tensor its own values where they share a storage', async () => {
    const file = await open('torch-2.11.bin');
    const [sliced, strided] = [await file.read('sliced'), await file.read('strided')];
    sliced.data.fill(0);
    expect((await file.read('sliced')).data).toEqual(Float32Array.of(5, 6, 7, 8));
    expect(strided.data.buffer).not.toBe(sliced.data.buffer);
  });

  it.each([
    ['legacy', 'this file has the format from before PyTorch 1.6. Save it anew in Python: torch.save(torch.load('],
    ['evil', 'the file asks Python for "posix.system", which no state dict needs; refused, nothing was run'],
    ['module', 'the file asks Python for "torch.nn.modules.linear.Linear"'],
    ['checkpoint', 'the file holds "state_dict", which is no tensor'],
    ['quantized', 'the file asks Python for "torch._utils._rebuild_qtensor"'],
    ['complex', 'the file asks Python for "torch.ComplexFloatStorage"'],
    ['compressed', 'is compressed, which torch.save never does'],
    ['huge', 'a tensor of shape [1099511627776] repeats 1 values; call .contiguous() before saving'],
    ['script', 'this is a TorchScript program'],
  ])('refuses refused-%s.bin', async (name, message) => {
    await expect(open(`refused-${name}.bin`)).rejects.toThrow(message);
    await expect(open(`refused-${name}.bin`)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('refuses values that were damaged, whole storage or a part of it', async () => {
    const bytes = fixture('torch-2.11.bin');
    const at = Buffer.from(bytes).indexOf(Buffer.from(Float32Array.of(20, 21, 22, 23).buffer));
    bytes[at] = bytes[at]! ^ 1;
    const file = await openPytorch(bytesSource(bytes));
    await expect(file.read('transposed')).rejects.toThrow(/data\/\d+' has the checksum [0-9a-f]+ instead of/);
    await expect(file.read('sliced')).rejects.toThrow('damaged'); // its own four values are not
    await expect(file.read('0.weight')).resolves.toBeDefined();
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'starts with bytes []'],
    ['another format', new TextEncoder().encode('{"a": 1}'), 'starts with bytes [123,34,97,34]'],
    ['a cut file', fixture('torch-2.11.bin').slice(0, -1), 'no zip directory at the end'],
    ['a file with more behind it', Uint8Array.of(...fixture('torch-2.11.bin'), 0), 'no zip directory at the end'],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(openPytorch(bytesSource(bytes))).rejects.toThrow(`openPytorch: `);
    await expect(openPytorch(bytesSource(bytes))).rejects.toThrow(message);
  });

  it('names what there is when there is no such tensor', async () => {
    const file = await open('protocol-4.bin');
    await expect(file.read('c')).rejects.toThrow("openPytorch: no tensor 'c' among 2 ('a','b', …)");
  });
});

describe('crc32', () => {
  it('gives the check value of the polynomial, in one piece or two', () => {
    const bytes = new TextEncoder().encode('123456789');
    expect(crc32(bytes)).toBe(0xcbf43926);
    expect(crc32(bytes.subarray(3), crc32(bytes.subarray(0, 3)))).toBe(0xcbf43926);
  });
});

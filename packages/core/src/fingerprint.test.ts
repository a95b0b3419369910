import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';

const bias = { name: 'bias', shape: [2], data: Float32Array.of(0.5, -1) };

describe('fingerprint', () => {
  it("is the SHA-256 that Node's crypto gives for the documented text", async () => {
    const hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
    const bytes = new Uint8Array(bias.data.buffer);
    expect(await fingerprint([bias])).toBe(hex(JSON.stringify(['bias', 'Float32Array', [2], hex(bytes)])));
  });

  it.each([
    ['name', { ...bias, name: 'b' }],
    ['shape', { ...bias, shape: [1, 2] }],
    ['type', { ...bias, data: new Int32Array(bias.data.buffer) }],
    ['last bit', { ...bias, data: new Float32Array(new Uint32Array(bias.data.buffer).map((w, i) => w ^ i).buffer) }],
  ])('changes with the %s', async (_, part) => {
    expect(await fingerprint([part])).not.toBe(await fingerprint([bias]));
  });

  it('covers only the bytes of a view', async () => {
    const around = Float32Array.of(9, 0.5, -1, 9);
    expect(await fingerprint([{ ...bias, data: around.subarray(1, 3) }])).toBe(await fingerprint([bias]));
  });
});

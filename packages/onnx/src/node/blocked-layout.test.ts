import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { blockOf } from './blocked-layout.ts';
import { loadOnnxRuntime, type OnnxRuntime } from './runtime.ts';

const CPUINFO = '/proc/cpuinfo';

/** `npm run check:avx2` hides it from programs; the file still has it. */
const isHidden = process.env.LD_PRELOAD?.includes('without-avx512') ?? false;

it('finds the block that goes with the instructions of the processor', async ({ skip }) => {
  if (process.arch !== 'x64' || !existsSync(CPUINFO)) skip('asks Linux for the instructions of an x64 processor');
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync(CPUINFO, 'utf8'))![1]!.split(' ');
  const has = (...wanted: string[]): boolean => wanted.every((flag) => flags.includes(flag));
  const isWide = has('avx512f', 'avx512bw', 'avx512dq', 'avx512vl') && !isHidden;
  const block = isWide ? 16 : has('avx2', 'fma') ? 8 : undefined;
  if (block === undefined) skip('of older processors nothing is known');
  expect(await blockOf(await loadOnnxRuntime())).toBe(block);
});

it('has no block where ONNX Runtime has no such layout', async () => {
  const create = () => Promise.reject(new Error('ReorderInput is not a registered function/op'));
  expect(await blockOf({ version: '1.30.0', ort: { InferenceSession: { create } } } as unknown as OnnxRuntime)).toBe(1);
});

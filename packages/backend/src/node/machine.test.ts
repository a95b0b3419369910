import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkAvx, checkGpu } from './machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'kd machine '));
afterAll(() => rmSync(folder, { recursive: true }));

it.runIf(process.arch === 'x64')('refuses a processor without AVX, before TensorFlow ends the process', () => {
  const file = join(folder, 'cpuinfo');
  writeFileSync(file, 'model name\t: old\nflags\t\t: fpu sse4_2 avxnone\n');
  expect(() => checkAvx(file)).toThrow('without AVX on this processor');
  writeFileSync(file, 'flags\t\t: fpu sse4_2 avx\n');
  checkAvx(file);
  checkAvx(join(folder, 'no such file'));
});

it.runIf(process.platform === 'linux')('finds out that there is no GPU without loading CUDA', () => {
  const driver = join(folder, 'nvidia');
  expect(() => checkGpu({}, driver)).toThrow('without a GPU: no NVIDIA driver is loaded');
  mkdirSync(join(driver, 'gpus'), { recursive: true });
  writeFileSync(join(driver, 'version'), '');
  expect(() => checkGpu({}, driver)).toThrow('the NVIDIA driver sees none');
  mkdirSync(join(driver, 'gpus', '0000:01:00.0'));
  checkGpu({}, driver);
  expect(() => checkGpu({ CUDA_VISIBLE_DEVICES: '-1' }, driver)).toThrow("CUDA_VISIBLE_DEVICES is '-1'");
});

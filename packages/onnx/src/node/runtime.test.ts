import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { loadOnnxRuntime } from './runtime.ts';

const failure = (code: string, message: string) => async () => {
  throw Object.assign(new Error(message), { code });
};
const version = (node: string) => async () => ({ InferenceSession: {}, env: { versions: { node } } });

it('loads once', async () => {
  const first = await loadOnnxRuntime();
  expect(await loadOnnxRuntime()).toBe(first);
  expect(first.ort.InferenceSession).toBeDefined();
});

it.each([
  [
    'the package is missing',
    failure('ERR_MODULE_NOT_FOUND', "Cannot find package 'onnxruntime-node' imported from /a/b.js"),
    { code: 'NOT_FOUND', message: /onnxruntime-node is not installed; npm install onnxruntime-node/ },
  ],
  [
    'the binary is missing',
    failure(
      'MODULE_NOT_FOUND',
      "Cannot find module '../bin/napi-v6/sunos/x64/onnxruntime_binding.node'\nRequire stack:",
    ),
    { code: 'UNAVAILABLE', message: /no binary that loads on .*onnxruntime_binding\.node'; it comes for linux/ },
  ],
  [
    'the binary does not load',
    failure('ERR_DLOPEN_FAILED', 'libonnxruntime.so.1: ELF load command past end of file'),
    { code: 'UNAVAILABLE', message: /ELF load command past end of file; it comes for/ },
  ],
  ...['1.22.0', '1.26.0', '1.31.0', '2.0.0', 'unknown'].map((found) => [
    `the version is ${found}`,
    version(found),
    { code: 'UNSUPPORTED', message: new RegExp(`onnxruntime-node is ${found}, tested are versions >= 1\\.27\\.0`) },
  ]),
] as [string, () => Promise<unknown>, { code: string; message: RegExp }][])('says so if %s', async (_, load, error) => {
  await expect(loadOnnxRuntime({ load })).rejects.toMatchObject({ code: error.code });
  await expect(loadOnnxRuntime({ load })).rejects.toThrow(error.message);
});

it.each(['1.27.0', '1.29.0', '1.30.0', '1.30.1'])('takes version %s', async (found) => {
  expect((await loadOnnxRuntime({ load: version(found) })).version).toBe(found);
});

it('takes the versions that package.json asks for', async () => {
  const { peerDependencies } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    peerDependencies: Record<string, string>;
  };
  const [from, below] = /^>=([\d.]+) <([\d.]+)$/.exec(peerDependencies['onnxruntime-node']!)!.slice(1) as [
    string,
    string,
  ];
  expect((await loadOnnxRuntime({ load: version(from) })).version).toBe(from);
  await expect(loadOnnxRuntime({ load: version(below) })).rejects.toThrow(`>= ${from} and < ${below}`);
});

import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import createWabt from 'wabt';

const folders = ['./', '../../../onnx/src/updates/', '../../../data/src/resample/'].map(
  (path) => new URL(path, import.meta.url),
);
const files: [string, URL][] = [];
for (const folder of folders) {
  for (const name of await readdir(folder)) if (name.endsWith('.wat')) files.push([name, folder]);
}

it.each(files)('%s compiles to the module beside it', async (file, folder) => {
  const text = await readFile(new URL(file, folder), 'utf8');
  const module = (await createWabt()).parseWat(file, text, { simd: true });
  const exported = (await import(new URL(file.replace('.wat', '-module.ts'), folder).href)) as Record<string, string>;
  expect(Object.values(exported)).toEqual([Buffer.from(module.toBinary({}).buffer).toString('base64')]);
});

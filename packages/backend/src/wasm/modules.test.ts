import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import createWabt from 'wabt';

const folder = new URL('./', import.meta.url);
const files = (await readdir(folder)).filter((name) => name.endsWith('.wat'));

it.each(files)('%s compiles to the module beside it', async (file) => {
  const text = await readFile(new URL(file, folder), 'utf8');
  const module = (await createWabt()).parseWat(file, text, { simd: true });
  const exported = (await import(new URL(file.replace('.wat', '-module.ts'), folder).href)) as Record<string, string>;
  expect(Object.values(exported)).toEqual([Buffer.from(module.toBinary({}).buffer).toString('base64')]);
});

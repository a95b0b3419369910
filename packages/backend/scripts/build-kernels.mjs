// Compiles each src/wasm/*.wat, or the *.wat of another folder, into a *-module.ts beside it. Tests compare the two, so run
// this after a change:
//   pnpm --filter @kd/backend kernels [folder]
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import createWabt from 'wabt';

const [given] = process.argv.slice(2);
const folder = given ? pathToFileURL(`${given}/`) : new URL('../src/wasm/', import.meta.url);
const wabt = await createWabt();
for (const file of (await readdir(folder)).filter((name) => name.endsWith('.wat'))) {
  const name = file.slice(0, -'.wat'.length);
  const module = wabt.parseWat(file, await readFile(new URL(file, folder), 'utf8'), { simd: true });
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  const lines = base64.match(/.{1,110}/g).map((line) => `  '${line}'`);
  const constant = `${name.replaceAll('-', '_').toUpperCase()}_MODULE`;
  await writeFile(
    new URL(`${name}-module.ts`, folder),
    `/** ${file} as a WebAssembly module, base64. Made by scripts/build-kernels.mjs. */\nexport const ${constant}: string =\n${lines.join(' +\n')};\n`,
  );
}

// Compiles src/wasm/adam.wat into src/wasm/adam-module.ts. A test compares the two, so run this after a change:
//   pnpm --filter @kd/backend kernels
import { readFile, writeFile } from 'node:fs/promises';
import createWabt from 'wabt';

const folder = new URL('../src/wasm/', import.meta.url);
const wabt = await createWabt();
const module = wabt.parseWat('adam.wat', await readFile(new URL('adam.wat', folder), 'utf8'), { simd: true });
const { buffer } = module.toBinary({});
const base64 = Buffer.from(buffer).toString('base64');
const lines = base64.match(/.{1,110}/g).map((line) => `  '${line}'`);
await writeFile(
  new URL('adam-module.ts', folder),
  `/** adam.wat as a WebAssembly module, base64. Made by scripts/build-kernels.mjs. */\nexport const ADAM_MODULE: string =\n${lines.join(' +\n')};\n`,
);

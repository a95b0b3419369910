import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KdError } from '@kd/core';
import { build, defaultClientConditions } from 'vite';
import type { Manifest } from '../page/own-models.ts';
import { copyModels } from './copy-models.ts';
import type { Options } from './options.ts';

export const EXAMPLE: string = fileURLToPath(new URL('../../', import.meta.url));

/** What is there already is deleted, so it had better be a page that this program has written. */
async function checkOut(out: string): Promise<void> {
  const names = await readdir(out).catch(() => []);
  if (names.length === 0) return;
  const page = await readFile(join(out, 'index.html'), 'utf8').catch(() => '');
  if (page.includes('kd browser-student')) return;
  throw new KdError('INVALID_ARGUMENT', `--out: '${out}' is not empty, and no earlier page; give another folder`, {
    out,
  });
}

/**
 * Builds the page into a folder that any web server can serve, under any address, with the networks of a run beside it.
 *
 * @throws {KdError} if a folder is not there or not what it should be
 */
export async function writePage(out: string, options: Partial<Options>): Promise<Manifest> {
  await checkOut(out);
  await build({
    configFile: false,
    root: EXAMPLE,
    base: './',
    logLevel: 'warn',
    resolve: { conditions: ['@kd/source', ...defaultClientConditions] },
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0, // the page's policy has no data: for WebAssembly
      chunkSizeWarningLimit: 2000, // kB: TF.js
    },
  });
  return copyModels(out, options);
}

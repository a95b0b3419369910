import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './root.mjs';

/**
 * What a bundler makes of some code that imports our packages: one minified module, TF.js left outside.
 *
 * @param {string} code
 * @returns {Promise<{ text: string, exports: string[] }>}
 */
export async function bundle(code) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: join(root, 'tests') }, // its package.json names all packages
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['@kd/source'],
    external: ['@tensorflow/*'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  return { text: outputFiles[0]?.text.trim() ?? '', exports: [...(output?.exports ?? [])].sort() };
}

/**
 * Every value that a package exports, bundled alone.
 *
 * @param {string} packageName
 * @returns {Promise<{ name: string, text: string, bytes: number }[]>} bytes: after Brotli
 */
export async function bundleEachExport(packageName) {
  const { exports } = await bundle(`export * from '${packageName}';`);
  return Promise.all(
    exports.map(async (name) => {
      const { text } = await bundle(`export { ${name} } from '${packageName}';`);
      return { name, text, bytes: brotliCompressSync(text).length };
    }),
  );
}

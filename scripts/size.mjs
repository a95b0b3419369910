// npm run size: what each export of each package adds to a bundle, beside its budget, as a table in Markdown.
import { brotliCompressSync } from 'node:zlib';
import { bundle, bundleEachExport } from './lib/bundle.mjs';
import { BUDGETS } from './lib/size-budgets.mjs';

for (const [packageName, budget] of Object.entries(BUDGETS)) {
  console.log(`| ${packageName} | bytes | budget |\n| --- | ---: | ---: |`);
  for (const { name, bytes } of await bundleEachExport(packageName)) {
    console.log(`| ${name} | ${bytes} | ${budget.exports[name]?.bytes ?? budget.each} |`);
  }
  const { text } = await bundle(`export * from '${packageName}';`);
  console.log(`| everything | ${brotliCompressSync(text).length} | |\n`);
}

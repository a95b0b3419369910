// npm run api -- [package …]: writes down what the packages export, in packages/*/api/. Without names: all of them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bin } from './lib/bin.mjs';
import { apiReports, writeReports } from './lib/package/api-report.mjs';
import { root } from './lib/root.mjs';
import { run } from './lib/run.mjs';

const all = readdirSync(join(root, 'packages'));
const names = process.argv.length > 2 ? process.argv.slice(2) : all;
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`npm run api: there is no packages/${unknown[0]}; there are ${all.join(', ')}`);
  process.exit(1);
}

const filters = names.map((name) => `--filter=./packages/${name}`);
const { code } = await run(process.execPath, [bin('turbo'), 'run', 'build', ...filters, '--output-logs=errors-only']);
if (code !== 0) process.exit(code);
for (const name of names) {
  const folder = join(root, 'packages', name);
  writeReports(join(folder, 'api'), apiReports(folder));
  console.log(`packages/${name}/api`);
}

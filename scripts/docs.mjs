// npm run docs: the API reference of all packages, and the pages of docs/, as a site in docs-site/.
import { join } from 'node:path';
import { buildDocs } from './lib/build-docs.mjs';
import { root } from './lib/root.mjs';

const out = join(root, 'docs-site');
const problems = await buildDocs(root, out);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(join(out, 'index.html'));

// Holds the rules that no other tool knows: see the list in CONTRIBUTING.md.
import { root } from './lib/root.mjs';
import { structureProblems } from './lib/structure.mjs';

const problems = structureProblems(root);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

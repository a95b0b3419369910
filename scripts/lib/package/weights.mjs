import { statSync } from 'node:fs';
import { join } from 'node:path';
import { filesEnding } from './files.mjs';

/**
 * Largest JavaScript of each package, in thousands of bytes as they lie on the user's disk: what is loaded, without
 * declarations, sources and maps.
 *
 * @type {Readonly<Record<string, number>>}
 */
const JAVASCRIPT_BUDGETS = {
  '@kd/core': 110,
  '@kd/losses': 80,
  '@kd/ops': 40,
  '@kd/metrics': 80,
  '@kd/data': 300,
  '@kd/models': 135,
  '@kd/backend': 110,
  '@kd/onnx': 300,
  '@kd/train': 500,
};

/** @param {string} folder what is in the tarball */
function javascriptBytes(folder) {
  return filesEnding(folder, '.js').reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
}

/**
 * @param {string} folder what is in the tarball
 * @param {string} name the package's
 * @param {Readonly<Record<string, number>>} [budgets]
 * @returns {string[]}
 */
export function weightProblems(folder, name, budgets = JAVASCRIPT_BUDGETS) {
  const budget = budgets[name];
  if (budget === undefined) return [`${name} has no budget in scripts/lib/package/weights.mjs; add it there`];
  const kilobytes = javascriptBytes(folder) / 1000;
  if (kilobytes <= budget) return [];
  return [`${kilobytes.toFixed(1)} kB of JavaScript are more than the ${budget} kB of scripts/lib/package/weights.mjs`];
}

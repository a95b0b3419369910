// npm test: every check, then every test. Never stops early; the last line counts what passed and what failed.
import './lib/check-node.mjs';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin } from './lib/bin.mjs';
import { BROWSER_TESTS } from './lib/browser-tests.mjs';
import { findChromium, NO_CHROMIUM } from './lib/chromium.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/root.mjs';
import { childEnv, run } from './lib/run.mjs';

/** @type {string[]} */
const failed = [];
/** @type {string[]} */
const skipped = [];
let passed = 0;

const seconds = (/** @type {number} */ since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function stopIfInterrupted(/** @type {{ interrupted: boolean }} */ { interrupted }) {
  if (interrupted) process.exit(130);
}

/** One check: quiet when it passes, its whole output when it does not. */
async function check(/** @type {string} */ name, /** @type {string[]} */ args) {
  process.stdout.write(`${name} … `);
  const start = performance.now();
  const result = await run(process.execPath, args, { capture: true });
  stopIfInterrupted(result);
  const ok = result.code === 0;
  console.log(`${ok ? 'ok' : 'failed'} (${seconds(start)})`);
  if (ok) passed += 1;
  else {
    failed.push(name);
    console.log(result.output.trimEnd());
  }
}

async function tests() {
  console.log('tests …');
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'kd-test-'));
  const summary = join(folder, 'summary.json');
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'lib', 'summary-reporter.mjs')}`];
  const result = await run(process.execPath, [bin('vitest'), 'run', ...reporters], {
    env: { ...childEnv(), KD_TEST_SUMMARY: summary },
  });
  stopIfInterrupted(result);
  const counts = existsSync(summary)
    ? JSON.parse(readFileSync(summary, 'utf8'))
    : { passed: 0, failed: [], skipped: [] };
  rmSync(folder, { recursive: true });
  passed += counts.passed;
  failed.push(...counts.failed);
  skipped.push(...counts.skipped);
  if (!findChromium()) skipped.push(...BROWSER_TESTS.map(() => NO_CHROMIUM)); // vitest.config.ts leaves them out
  if (result.code !== 0 && counts.failed.length === 0) failed.push(`tests (vitest ended with code ${result.code})`);
  console.log(`tests took ${seconds(start)}`);
}

function report() {
  if (failed.length > 0) console.log(`Failed:\n${failed.map((name) => `  ${name}`).join('\n')}`);
  for (const why of new Set(skipped)) {
    console.log(`${skipped.filter((other) => other === why).length} skipped: ${why}`);
  }
  console.log(`${passed} passed, ${failed.length} failed`);
}

/** Turbo repeats only what changed since its last run. */
function turbo(/** @type {string} */ task) {
  return [
    bin('turbo'),
    'run',
    task,
    '--output-logs=errors-only',
    '--continue=dependencies-successful',
    '--concurrency=100%',
  ];
}

if (await ensureInstalled()) failed.push('install');
else {
  await check('lint', [bin('@biomejs/biome'), 'check', '.']);
  await check('structure', [join(root, 'scripts', 'check-structure.mjs')]);
  await check('knip', [bin('knip'), '--no-progress']);
  await check('build', turbo('build'));
  await check('typecheck', turbo('typecheck'));
  await check('packages', turbo('test:package'));
  await tests();
}
report();
process.exitCode = failed.length > 0 ? 1 : 0;

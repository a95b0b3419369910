import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin } from '../scripts/lib/bin.mjs';
import { findChromium } from '../scripts/lib/chromium.mjs';
import { withLock } from '../scripts/lib/lock.mjs';
import { npmCommand } from '../scripts/lib/npm.mjs';
import { run } from '../scripts/lib/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kd scripts '));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('withLock', () => {
  it('lets one in at a time and tells the other that it waits', async () => {
    const path = join(folder, 'one', 'lock');
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} in`);
      await sleep(100);
      events.push(`${name} out`);
    };
    const first = withLock(path, work('a'), () => events.push('a waits'));
    const second = withLock(path, work('b'), () => events.push('b waits'));
    await Promise.all([first, second]);
    expect(events).toEqual(['a in', 'b waits', 'a out', 'b in', 'b out']);
    expect(existsSync(path)).toBe(false);
  });

  it('is released when the work fails', async () => {
    const path = join(folder, 'failed');
    const failure = withLock(path, () => Promise.reject(new Error('no')), expect.unreachable);
    await expect(failure).rejects.toThrow('no');
    expect(existsSync(path)).toBe(false);
  });

  it('is taken over from a holder that was killed', async () => {
    const path = join(folder, 'stale');
    writeFileSync(path, '');
    utimesSync(path, new Date(0), new Date(0));
    expect(await withLock(path, async () => 'done', expect.unreachable)).toBe('done');
  });
});

describe('npmCommand', () => {
  it('finds an npm without the help of npm', () => {
    const { PATH, Path } = process.env;
    const [command, ...args] = npmCommand({ PATH: PATH ?? Path });
    expect(execFileSync(command, [...args, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('does not take pnpm or yarn for npm', () => {
    const own = join(folder, 'pnpm.cjs');
    writeFileSync(own, '');
    expect(npmCommand({ PATH: process.env.PATH, npm_execpath: own })).not.toContain(own);
  });
});

describe('findChromium', () => {
  const program = (name: string, exitCode: number): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\nexit ${exitCode}\n`, { mode: 0o755 });
    return path;
  };

  it('takes the one that the environment names, and then no other', () => {
    const path = program('named/browser', 0);
    expect(findChromium({ CHROMIUM_PATH: path })).toBe(path);
    expect(findChromium({ CHROMIUM_PATH: `${path}-2`, PATH: process.env.PATH })).toBe(undefined);
  });

  it.skipIf(process.platform === 'win32')('else the first on the PATH that starts', () => {
    program('stub/chromium-browser', 1);
    const path = program('real/google-chrome', 0);
    const PATH = ['stub', 'real', 'none'].map((name) => join(folder, name)).join(delimiter);
    expect(findChromium({ PATH })).toBe(path);
    expect(findChromium({ PATH: join(folder, 'stub') })).toBe(undefined);
  });
});

describe('run', () => {
  it('gives the exit code and the output of a program', async () => {
    const result = await run(process.execPath, ['-e', 'console.log("a b"); process.exit(7)'], { capture: true });
    expect(result).toEqual({ code: 7, output: 'a b\n', interrupted: false });
  });

  it.skipIf(process.platform === 'win32')('lets a program finish its work when it is interrupted', () => {
    const program = `
      process.on('SIGINT', () => setTimeout(() => { console.log('saved'); process.exit(5); }, 200));
      setInterval(() => {}, 1000);
      process.kill(process.ppid, 'SIGINT');
    `;
    const parent = `
      import { run } from ${JSON.stringify(new URL('../scripts/lib/run.mjs', import.meta.url).href)};
      const { code, interrupted } = await run(process.execPath, ['-e', ${JSON.stringify(program)}]);
      console.log(code, interrupted);
    `;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', parent], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(stdout).toBe('saved\n5 true\n');
  });
});

describe('the counts of npm test', () => {
  it('come from what vitest reports, including what it does not call a test', () => {
    const vitest = JSON.stringify(join(root, 'tests', 'node_modules', 'vitest', 'dist', 'index.js'));
    const test = `
      import { beforeAll, describe, expect, it } from ${vitest};
      it('passes', () => {});
      it('fails', () => expect(1).toBe(2));
      it('is skipped', ({ skip }) => skip('no GPU'));
      describe('broken', () => {
        beforeAll(() => { throw new Error('no'); });
        it('never runs', () => {});
      });
      it('leaves a rejection', () => void Promise.reject(new Error('forgotten')));
    `;
    writeFileSync(join(folder, 'a.test.js'), test);
    writeFileSync(join(folder, 'b.test.js'), "import './missing.js';");
    const summary = join(folder, 'summary.json');
    const reporter = join(root, 'scripts', 'lib', 'summary-reporter.mjs');
    spawnSync(process.execPath, [bin('vitest'), 'run', '--root', folder, `--reporter=${reporter}`], {
      cwd: folder,
      env: { ...process.env, KD_TEST_SUMMARY: summary },
      stdio: 'ignore',
    });
    const { passed, failed, skipped } = JSON.parse(readFileSync(summary, 'utf8'));
    expect({ passed, skipped }).toEqual({ passed: 2, skipped: ['no GPU', 'a.test.js > broken > never runs'] });
    expect(failed.toSorted()).toEqual([
      'a.test.js > broken (setup or teardown)',
      'a.test.js > fails',
      'b.test.js (could not be loaded)',
      'error outside of any test: forgotten',
    ]);
  });
});

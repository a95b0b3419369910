import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../testing/compare-program.ts', import.meta.url));

/** Processes that were started by this one, or by those that it started. */
async function descendants(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined);
    if (stat) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isBelow = (id: number): boolean => {
    const parent = parents.get(id);
    return parent !== undefined && (parent === root || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

const isAlive = (id: number): boolean => {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
};

describe.runIf(process.platform === 'linux')('an interrupted comparison', () => {
  it.each<[NodeJS.Signals, boolean]>([
    ['SIGINT', true],
    ['SIGKILL', false],
  ])(
    'leaves no process behind after %s',
    async (name, orderly) => {
      const outputDir = await mkdtemp(join(tmpdir(), 'kd interrupted '));
      const child = spawn(process.execPath, ['--conditions=@kd/source', '--import', 'tsx', PROGRAM, outputDir], {
        env: { ...process.env, KD_TEST_ARM: 'wait smoothed 1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      child.stdout.on('data', (chunk) => {
        printed += chunk;
      });
      const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
      try {
        while (!printed.includes('finished more images')) await sleep(50);
        const before = await descendants(child.pid!);
        expect(before.length).toBeGreaterThanOrEqual(1);
        child.kill(name);
        const code = await ended;
        for (let waited = 0; waited < 5000 && before.some(isAlive); waited += 50) await sleep(50);
        expect(before.filter(isAlive)).toEqual([]);
        expect(await readdir(join(outputDir, 'more images', 'seed-1'))).toContain('result.json');
        const stopped = await readdir(join(outputDir, 'smoothed', 'seed-1'));
        expect(stopped).not.toContain('result.json');
        if (orderly) {
          expect(code).toBe(3);
          expect(printed).toMatch(
            /compare: stopped with [12] of 3 runs done, which are kept; call it again to go on\n$/,
          );
          expect(stopped.some((file) => file.startsWith('checkpoint-'))).toBe(true);
        }
      } finally {
        child.kill('SIGKILL');
        await rm(outputDir, { recursive: true, force: true });
      }
    },
    120_000,
  );
});

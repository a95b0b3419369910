import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomSource } from '@kd/core';
import { loadMnist } from '@kd/data/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, live } from './life.ts';
import { answerCounts, runState, strangers } from './run-state.ts';
import { EPOCHS, SAMPLES, type Settings, STEPS_PER_EPOCH } from './settings.ts';

// `KD_RESUME=20 npx vitest run tests/resume` takes a quarter of an hour: every variant on every engine, 20 kills in each. Without
// it, three of the nine and few kills.
const kills = Number(process.env.KD_RESUME ?? 3);
const isWhole = process.env.KD_RESUME !== undefined;
const timeout = (kills + 6) * 60_000;

const CASES: [engine: Settings['engine'], variant: Settings['variant']][] = isWhole
  ? (['cpu', 'wasm', 'onnx'] as const).flatMap((engine) =>
      (['mlp', 'cnn', 'features'] as const).map((variant): (typeof CASES)[number] => [engine, variant]),
    )
  : [
      ['cpu', 'mlp'],
      ['wasm', 'cnn'],
      ['onnx', 'features'],
    ];

let root: string;
let digits: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kd resume '));
  digits = join(root, 'digits');
  const { train } = await loadMnist();
  const samples = Array.from({ length: SAMPLES + 40 }, (_, i) => train.get(i));
  const pixels = samples.flatMap(({ image }) => [...image.data]);
  writeFileSync(digits, Uint8Array.from([...pixels, ...samples.map(({ label }) => label!)]));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(CASES)('on %s, %s', (engine, variant) => {
  const folderOf = (name: string): Settings => {
    const folder = join(root, `${engine} ${variant} ${name}`);
    mkdirSync(folder, { recursive: true });
    return { folder, digits, engine, variant };
  };
  let straight: Record<string, unknown>;
  beforeAll(async () => {
    const settings = folderOf('straight');
    expect(await live(settings)).toEqual({ killed: false, steps: EPOCHS * STEPS_PER_EPOCH });
    straight = runState(settings.folder);
    expect(Object.keys(straight.tensors as object)).toHaveLength(5);
  }, timeout);

  it.runIf(isWhole)('3 epochs and 3 are 6', { timeout }, async () => {
    const settings = folderOf('3 + 3');
    expect(await live({ ...settings, stopAfterEpochs: 3 })).toMatchObject({ steps: 3 * STEPS_PER_EPOCH });
    expect(await live(settings)).toEqual({ killed: false, steps: 3 * STEPS_PER_EPOCH });
    expect(runState(settings.folder)).toEqual(straight);
  });

  it(`killed ${kills} times, while it saves too, it gives the same bits`, { timeout }, async () => {
    const settings = folderOf('killed');
    const { below } = randomSource({ seed: 1, stream: `kill ${engine} ${variant}` });
    const lives: Ended[] = [];
    // First in the checkpoint behind an epoch's logs; then at any time, and in any write, of which a step has 20 or so.
    const behindLogs = { path: `checkpoint-${STEPS_PER_EPOCH}`, count: 1 + below(8) };
    lives.push(await live({ ...settings, killAt: behindLogs }));
    while (lives.length < kills) {
      const killAfter = { steps: below(3), delay: below(30) };
      const killAt = { path: '', count: 1 + below(50) };
      lives.push(lives.length % 2 === 1 ? await live(settings, { killAfter }) : await live({ ...settings, killAt }));
    }
    // One that was not killed had come to the end before its moment came.
    expect(lives.filter(({ killed }) => killed)).toHaveLength(kills);
    expect((await live(settings)).killed).toBe(false);
    expect(runState(settings.folder)).toEqual(straight);
    expect(strangers(settings.folder)).toEqual([]);
    const counts = await answerCounts(settings.folder);
    expect(counts).toEqual(await answerCounts(folderOf('straight').folder));
    expect([...counts.values()].every((count) => count === 1)).toBe(true);
  });
});

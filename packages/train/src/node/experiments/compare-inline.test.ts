import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Arm, ArmContext, ArmResult } from '../../experiments/arm.ts';
import type { Predictions } from '../../loop/ask-loader.ts';
import '../../testing/digits.ts'; // a backend
import { type CompareOptions, compare } from './compare.ts';
import { processCount } from './process-count.ts';

let outputDir: string;
beforeEach(async () => {
  outputDir = await mkdtemp(join(tmpdir(), 'kd compare '));
});
afterEach(() => rm(outputDir, { recursive: true }));

/** Answers of a network that gets the first `right` of 40 images right. */
function answers(right: number): Predictions {
  const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
  const logits = Float32Array.from({ length: 80 }, (_, i) => {
    const row = i >> 1;
    return (i % 2 === labels[row]) === row < right ? 2 : 0;
  });
  return { logits, labels, ids: Array.from(labels.keys()), classes: 2 };
}

function arm(run: (context: ArmContext) => ArmResult, settings: Arm['settings'] = {}): Arm & { runs: number } {
  const made = {
    settings,
    runs: 0,
    async run(context: ArmContext) {
      made.runs += 1;
      return run(context);
    },
  };
  return made;
}

const right = (count: number) => arm(() => ({ predictions: answers(count) }));
const call = (options: Partial<CompareOptions>) =>
  compare({ arms: { a: right(30), b: right(38) }, seeds: [0], outputDir, ...options });

describe('compare in this process', () => {
  it('tests one run each over the images alone, and says so', async () => {
    const { rows, sentences, markdown } = await call({});
    // 8 images of 40 that only b gets right: p = 2 / 2^8.
    expect(rows[1]!.test).toMatchObject({
      over: 'images',
      pValue: 2 / 256,
      adjustedPValue: 2 / 256,
      verdict: 'better',
    });
    expect(sentences).toEqual([
      expect.stringMatching(
        /^b beats a in these two runs \(\+20\.00 points \[.*\], p = \.008, 1 seed and 40 images\)\.$/,
      ),
    ]);
    expect(rows[0]).toMatchObject({ mean: 0.75, intervalOver: 'images' });
    expect(markdown).toContain("McNemar's, exact");
    expect(markdown).not.toContain('Holm');
  });

  it('tests figures without predictions over the seeds alone, and a loss the other way round', async () => {
    const loss = (base: number) => arm(({ seed }) => ({ metrics: { eval_loss: base + 0.01 * [1, 3, 2, 5][seed]! } }));
    const tilted = arm(({ seed }) => ({ metrics: { eval_loss: 0.3 + 0.011 * [1, 3, 2, 5][seed]! } }));
    const { rows, mode, sentences } = await call({
      arms: { scratch: loss(0.5), lower: tilted, alike: loss(0.5) },
      seeds: [0, 1, 2, 3],
      metric: 'eval_loss',
    });
    expect(mode).toBe('min');
    expect(rows[1]!.test).toMatchObject({ over: 'seeds', verdict: 'better' });
    expect(rows[1]!.test!.adjustedPValue).toBe(2 * rows[1]!.test!.pValue);
    expect(rows[2]!.test).toMatchObject({ pValue: 1, adjustedPValue: 1, verdict: 'undecided' });
    expect(sentences[0]).toMatch(/^lower beats scratch on these images \(−0\.19\d+ \[/);
    expect(sentences[1]).toMatch(/^alike and scratch cannot be told apart on these images/);
  });

  it('counts every part of a run that was resumed', async () => {
    const resumed = arm(() => ({ metrics: { eval_accuracy: 0.5, train_runtime: 3600 } }));
    const { rows } = await call({ arms: { whole: right(30), resumed } });
    expect(rows[0]!.seconds).toBeLessThan(60);
    expect(rows[1]!.seconds).toBe(3600);
  });

  it('claims nothing of one run each without predictions', async () => {
    const { rows, sentences } = await call({
      arms: {
        a: arm(() => ({ metrics: { eval_accuracy: 0.5 } })),
        b: arm(() => ({ metrics: { eval_accuracy: 0.9 } })),
      },
    });
    expect(rows[1]!.test).toMatchObject({ over: 'none', verdict: 'undecided' });
    expect(sentences[0]).toBe(
      'b against a: +40.00 points in one run each. That may be chance; run more seeds, or return predictions.',
    );
  });

  it('does not repeat what is done, takes more seeds, and repeats what was damaged', async () => {
    const arms = { a: right(30), b: right(38) };
    const first = await call({ arms });
    expect(await call({ arms })).toEqual(first);
    expect([arms.a.runs, arms.b.runs]).toEqual([1, 1]);
    await call({ arms, seeds: [0, 1] });
    expect([arms.a.runs, arms.b.runs]).toEqual([2, 2]);
    const path = join(outputDir, 'a', 'seed-0', 'result.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    await call({ arms, seeds: [0, 1] });
    expect([arms.a.runs, arms.b.runs]).toEqual([3, 2]);
    await writeFile(join(outputDir, 'b', 'seed-1', 'result.json'), '{"version": 1, "ar');
    await call({ arms, seeds: [0, 1] });
    expect([arms.a.runs, arms.b.runs]).toEqual([3, 3]);
  });

  it('refuses runs of other settings, or throws them away if told so', async () => {
    const of = (rate: number) => ({ a: right(30), b: arm(() => ({ predictions: answers(36) }), { rate, more: [1] }) });
    await call({ arms: of(0.1) });
    await expect(call({ arms: of(0.2) })).rejects.toThrow(
      /^compare: '.*seed-0' was run with other settings: rate was 0\.1, is 0\.2; take another outputDir or name, or pass ifChanged: 'run-again'/,
    );
    await writeFile(join(outputDir, 'b', 'seed-0', 'leftover'), '');
    const arms = of(0.2);
    await call({ arms, ifChanged: 'run-again' });
    expect([arms.a.runs, arms.b.runs]).toEqual([0, 1]);
    await expect(readFile(join(outputDir, 'b', 'seed-0', 'leftover'))).rejects.toThrow('ENOENT');
  });

  it('goes on after a run that fails, and fails itself if all do', async () => {
    const failing = arm(({ seed }) => {
      if (seed === 1) throw new Error('the loss is NaN\nat step 3');
      return { predictions: answers(20) };
    });
    const { failures, rows, markdown } = await call({ arms: { a: right(30), failing }, seeds: [0, 1, 2] });
    expect(failures).toEqual([{ arm: 'failing', seed: 1, reason: 'the loss is NaN\nat step 3' }]);
    expect(rows[1]!.test!.seeds).toEqual([0, 2]);
    expect(markdown).toContain('- failing, seed 1: the loss is NaN\n');
    const never = arm(() => {
      throw new Error('no images');
    });
    await expect(call({ arms: { x: never, y: never }, seeds: [5] })).rejects.toThrow(
      "compare: all 2 runs failed; the first, 'x' with seed 5: no images",
    );
  });

  it('keeps a second process out of its folder', async () => {
    const busy = { a: arm(() => ({ predictions: answers(1) })), b: arm(() => ({})) };
    let second: unknown;
    busy.b.run = async () => {
      second = await call({ arms: busy }).catch((error: unknown) => error);
      return { predictions: answers(2) };
    };
    await call({ arms: busy });
    expect(second).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^compare: process \d+ has been writing to '.*' since .*; wait for it, or give/),
    });
  });

  it('gives each run its seed, its settings and its folder', async () => {
    const seen: unknown[] = [];
    const a = arm(
      ({ seed, settings, outputDir: folder }) => {
        seen.push([seed, settings, folder]);
        return { predictions: answers(20) };
      },
      { temperature: 4 },
    );
    await call({ arms: { a, b: right(1) }, seeds: [7] });
    expect(seen).toEqual([[7, { temperature: 4 }, join(outputDir, 'a', 'seed-7')]]);
  });

  it.each<[string, Partial<CompareOptions>, RegExp]>([
    ['one arm', { arms: { a: right(1) } }, /^compare: needs two or more arms and one of them as baseline, got a and/],
    ['a baseline that is none', { baseline: 'c' }, /got a, b and baseline c$/],
    ['no seeds', { seeds: [] }, /^compare: seeds must be one or more different integers/],
    ['a seed twice', { seeds: [1, 1] }, /got \[1, 1\]$/],
    [
      'a name that is no folder',
      { arms: { a: right(1), '../b': right(1) } },
      /^compare: '..\/b' cannot name an arm, since/,
    ],
    ['names alike but for case', { arms: { a: right(1), A: right(1) } }, /another arm 'A' that differs in case alone/],
    [
      'settings that are no JSON',
      { arms: { a: right(1), b: arm(() => ({}), { f: Number.NaN }) } },
      /^compare: the settings of arm 'b' must be plain JSON/,
    ],
    [
      'an unknown metric',
      { metric: 'eval_f1' },
      /^compare: arm 'a' has no 'eval_f1' with seed 0, it has eval_loss, eval_accuracy;/,
    ],
    ['no processes', { processes: 0 }, /^compare: processes must be 'auto' or an integer >= 1, got 0$/],
    [
      'processes for functions',
      { processes: 2 },
      /^compare: 2 processes cannot run functions of this one; put them into/,
    ],
    ['a mode of its own', { mode: 'best' as 'max' }, /^compare: mode must be 'min' or 'max', got best$/],
  ])('refuses %s', async (_, options, message) => {
    await expect(call(options)).rejects.toThrow(message);
  });

  it('refuses arms that were tested on different images, and figures that are none', async () => {
    const others = arm(() => {
      const { ids, ...rest } = answers(20);
      return { predictions: { ...rest, ids: [...ids].reverse() } };
    });
    await expect(call({ arms: { a: right(1), others } })).rejects.toThrow(
      "compare: arm 'others', seed 0, was tested on other samples than arm 'a', seed 0, or in another order",
    );
    const [nothing, nan] = [arm(() => ({})), arm(() => ({ metrics: { eval_loss: Number.NaN } }))];
    const { failures } = await call({ arms: { a: right(30), nothing, nan }, seeds: [3] });
    expect(failures.map(({ reason }) => reason)).toEqual([
      "compare: arm 'nothing' returned neither metrics nor predictions; return { predictions: await predictLogits(…) }",
      "compare: 'eval_loss' of arm 'nan' is NaN; metrics must be finite numbers",
    ]);
  });
});

describe('compare that is disturbed', () => {
  it('ends what runs when onProgress throws, and counts it for nothing', async () => {
    let stopped = false;
    const waits = arm(() => ({}));
    waits.run = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(new Error('stopped'));
        });
      });
    const onProgress = () => {
      throw new Error('the terminal is gone');
    };
    await expect(call({ arms: { waits, b: right(1) }, onProgress })).rejects.toThrow('the terminal is gone');
    expect(stopped).toBe(true);
  });

  it('gives its result if it is stopped when all is done', async () => {
    const stop = new AbortController();
    const last = ({ done, total }: { done: number; total: number }) => done === total && stop.abort();
    expect((await call({ signal: stop.signal, onProgress: last })).rows).toHaveLength(2);
    const early = AbortSignal.abort();
    await expect(call({ seeds: [4], signal: early })).rejects.toThrow('compare: stopped with 0 of 2 runs done');
  });

  it('refuses an accuracy that is not that of the predictions', async () => {
    const other = arm(() => ({ predictions: answers(20), metrics: { eval_accuracy: 0.9, of_another_split: 0.9 } }));
    const { failures } = await call({ arms: { a: right(30), other } });
    expect(failures[0]!.reason).toMatch(
      /^compare: arm 'other' says eval_accuracy 0\.9, but its predictions give 0\.5;/,
    );
  });
});

describe('processCount', () => {
  const machine = { cores: 8, memory: 10e9 };
  it.each([
    ['one until something is measured', [], 1],
    ['by memory', [{ peakMemory: 3e9, cores: 1 }], 2],
    ['by cores', [{ peakMemory: 1e8, cores: 4 }], 2],
    ['a thread with helpers on its own', [{ peakMemory: 1e8, cores: 1.1 }], 7],
    [
      'by the hungriest',
      [
        { peakMemory: 1e8, cores: 1 },
        { peakMemory: 7e9, cores: 1 },
      ],
      1,
    ],
    ['one where not even one fits', [{ peakMemory: 90e9, cores: 30 }], 1],
  ])('is %s', (_, measured, expected) => {
    expect(processCount(measured, machine)).toBe(expected);
  });

  it('counts the memory of those that run as taken already', () => {
    expect(processCount([{ peakMemory: 3e9, cores: 1 }], { cores: 8, memory: 4e9 }, 2)).toBe(3);
  });
});

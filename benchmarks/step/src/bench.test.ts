import { selectBackend } from '@kd/backend/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, startEngine } from './engines.ts';
import { mnistTeacher, mobilenetV2 } from './networks.ts';
import { parseOptions } from './options.ts';
import { formatResults } from './report.ts';
import { takeTurn } from './take-turn.ts';
import { createStep } from './training.ts';

beforeAll(() => selectBackend({ backend: 'wasm' }));

describe.each(['stock', 'ops'] as const)('networks of kind %s', (kind) => {
  const weights = (model: { trainableWeights: { shape: (number | null)[] }[] }) =>
    model.trainableWeights.reduce((sum, { shape }) => sum + shape.reduce<number>((a, b) => a * b!, 1), 0);

  it("have as many weights as torch's", () => {
    expect(weights(mobilenetV2(kind, 32, 3))).toBe(2227715);
    expect(weights(mnistTeacher(kind))).toBe(2400010);
  });

  it('train', () => {
    const step = createStep('mobilenetv2', kind, 32);
    const first = step();
    expect(first).toBeGreaterThan(0);
    expect(step()).not.toBe(first);
  });
});

it('says why an engine does not run', async () => {
  process.env.KD_PYTHON = '/no/such/python';
  const options = { threads: 1, cacheDir: '/no/such/folder' };
  const failure = startEngine('pytorch', 'mlp', options).then((runner) => runner.ask(1));
  await expect(failure).rejects.toThrow('/no/such/python');
});

it('formats what was measured and what was not', () => {
  const measured = { min: 10, median: 20, megabytes: 300, foreign: 0.05, discarded: 2 };
  const text = formatResults('mlp', [
    { engine: 'pytorch', ...measured },
    { engine: 'pytorch channels_last', ...measured, min: 8 },
    {
      engine: 'onnx',
      ...measured,
      min: 4,
      build: { ms: 900, checkMegabytes: 512, warning: 'portable' },
    },
    { engine: 'wasm', reason: 'not installed' },
  ]);
  expect(text).toContain('relative to pytorch channels_last');
  expect(text).toMatch(/^onnx +4\.0 +0\.50 +20\.0 +1\.00 +300 +1\.00 +0\.05 +2$/m);
  expect(text).toContain('onnx: traced, lowered and built in 0.90 s');
  expect(text).toContain('512 MB; warning: portable');
  expect(text).toContain('wasm: not run: not installed');
});

describe('takeTurn', () => {
  /** The process itself plays the neighbour: it works while the engine says that it did not. */
  const workFor = (ms: number): void => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  };
  const runner = (turns: { works: number; says: number }[]) => ({
    asked: 0,
    async ask() {
      const { works, says } = turns[this.asked++]!;
      workFor(works);
      return { ms: [works], cpuMs: says, megabytes: 1 };
    },
    stop() {},
  });

  it('repeats a turn in which others worked', async () => {
    const disturbed = runner([
      { works: 300, says: 0 },
      { works: 300, says: 1e6 }, // as if all that happened were its own
    ]);
    expect(await takeTurn(disturbed, 1)).toMatchObject({ cpuMs: 1e6, foreign: 0, discarded: 1 });
  });

  it('takes the first one of a quiet machine', async () => {
    expect(await takeTurn(runner([{ works: 50, says: 1e6 }]), 1)).toMatchObject({ discarded: 0 });
  });
});

it('reads its flags', () => {
  expect(parseOptions(['--help'])).toBeUndefined();
  expect(parseOptions(['--', '--case', 'mlp'])).toMatchObject({
    cases: ['mlp'],
    engines: Object.keys(ENGINES),
    rounds: 5,
  });
  expect(() => parseOptions(['--engine', 'cuda'])).toThrow('--engine must be one of pytorch, pytorch channels_last');
  expect(() => parseOptions(['--steps', '0'])).toThrow("--steps must be a positive integer, got '0'");
});

import { selectBackend } from '@kd/backend/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, startEngine } from './engines.ts';
import { mnistTeacher, mobilenetV2 } from './networks.ts';
import { parseOptions } from './options.ts';
import { formatResults } from './report.ts';
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
  const failure = startEngine('pytorch', 'mlp', 1).then((runner) => runner.ask(1));
  await expect(failure).rejects.toThrow('/no/such/python');
});

it('formats what was measured and what was not', () => {
  const measured = { min: 10, median: 20, megabytes: 300 };
  const text = formatResults('mlp', [
    { engine: 'pytorch', ...measured },
    { engine: 'cpu', ...measured, median: 50 },
    { engine: 'wasm', reason: 'not installed' },
  ]);
  expect(text).toContain('2.50');
  expect(text).toContain('wasm: not run: not installed');
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

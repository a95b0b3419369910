import { expect, it } from 'vitest';
import { measure } from './measure.ts';
import { formatResults } from './report.ts';

it('measures a model, and says why an engine does not run', async () => {
  process.env.KD_PYTHON = '/no/such/python';
  process.execArgv = ['--conditions=@kd/source', '--import', 'tsx']; // as `npm run bench:models` has it
  const [pytorch, wasm] = await measure('mlp', ['pytorch', 'wasm'], { rounds: 1, threads: 1 });
  expect(pytorch).toMatchObject({ engine: 'pytorch', reason: expect.stringContaining('/no/such/python') });
  expect(wasm).toMatchObject({ engine: 'wasm', ms: [expect.any(Number), expect.any(Number)] });
  if (!('ms' in wasm!)) return expect.unreachable();
  for (const ms of wasm.ms) expect(ms).toBeGreaterThan(0);
});

it('formats what was measured and what was not', () => {
  const text = formatResults('mlp', [
    { engine: 'pytorch', ms: [2, 1], megabytes: 300 },
    { engine: 'wasm', ms: [5, 12.345], megabytes: 200.4 },
    { engine: 'tensorflow', reason: 'not installed' },
  ]);
  expect(text).toMatch(/^mlp +batch 1 +x pytorch +batch 8/);
  expect(text).toMatch(/^wasm +5\.00 +2\.50 +12\.3 +12\.35 +200$/m);
  expect(text).toContain('tensorflow: not run: not installed');
});

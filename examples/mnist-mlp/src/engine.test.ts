import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { presetConfig } from './config.ts';
import { evaluationLoader, loadData } from './data.ts';
import { chooseEngine } from './engine.ts';
import { createNetwork } from './network.ts';
import { testNetwork } from './score.ts';

beforeEach(() => vi.stubEnv('KD_BACKEND', ''));
afterEach(() => vi.unstubAllEnvs());

const refuse = (line: string): never => {
  throw new Error(line);
};

describe('chooseEngine', () => {
  it('says which engine it is, and why', async () => {
    expect((await chooseEngine('auto', refuse)).summary).toMatch(
      /^ONNX Runtime \d+\.\d+\.\d+, a training step is one graph; the rest on TF\.js, \S+: the fastest on a CPU$/,
    );
    expect((await chooseEngine('onnx', refuse)).summary).toMatch(/^ONNX Runtime .*: --engine onnx$/);
    expect((await chooseEngine('tfjs', refuse)).summary).toMatch(/: --engine tfjs$/);
  });

  it('takes a TF.js backend that the environment asks for as a wish for TF.js', async () => {
    const { backend } = await chooseEngine('tfjs', refuse);
    vi.stubEnv('KD_BACKEND', backend.name);
    expect((await chooseEngine('auto', refuse)).summary).toMatch(new RegExp(`: KD_BACKEND is ${backend.name}$`));
    expect((await chooseEngine('onnx', refuse)).summary).toMatch(/^ONNX Runtime/);
  });
});

it('tests a network to the same answers on both engines', async () => {
  const config = presetConfig('quick');
  const data = await loadData(config);
  const model = createNetwork({ ...config.student, hiddenSizes: [16] }, data, 1);
  const loader = evaluationLoader(data.validation, data);
  const [onnx, tfjs] = [await chooseEngine('onnx', refuse), await chooseEngine('tfjs', refuse)];
  const [got, want] = [
    await testNetwork(onnx, model, loader, 'inference'),
    await testNetwork(tfjs, model, loader, 'inference'),
  ];
  expect(got.score.loss).toBeCloseTo(want.score.loss, 5);
  expect(got.labels).toEqual(want.labels);
  const worst = got.logits.reduce((max, logit, i) => Math.max(max, Math.abs(logit - want.logits[i]!)), 0);
  expect(worst).toBeLessThan(1e-4);
});

import { describe, expect, it } from 'vitest';
import { train } from '../loop/train.ts';
import { classification } from '../objectives/classification.ts';
import { digits, network, testDigits } from '../testing/digits.ts';
import type { StepEngineFactory } from './step-engine.ts';
import { tfjsEngine } from './tfjs-engine.ts';

/** An engine that writes down what it is asked to do, and does it by another. */
function recorded(more: { logits?: boolean; failAt?: number } = {}): { calls: string[]; engine: StepEngineFactory } {
  const calls: string[] = [];
  const engine: StepEngineFactory = async (run) => {
    const inner = await tfjsEngine()(run);
    let steps = 0;
    return {
      name: 'recorded',
      async step(input) {
        calls.push('step');
        steps += 1;
        if (steps === more.failAt) throw new Error('a step that fails');
        return inner.step(input);
      },
      sync: async () => void calls.push('sync'),
      ...(more.logits
        ? {
            logits: async ({ ids }) => {
              calls.push(`logits of ${ids.length}`);
              const sure = new Float32Array(10 * ids.length);
              for (let row = 0; row < ids.length; row++) sure[10 * row] = 9; // always a 0
              return sure;
            },
          }
        : {}),
      dispose: async () => void calls.push('dispose'),
    };
  };
  return { calls, engine };
}

const options = { objective: classification(), train: digits(64), validation: testDigits(150), epochs: 2 };

describe('an engine that keeps its weights to itself', () => {
  it('is told to give them to the model after each epoch, before anybody looks, and goes in the end', async () => {
    const { calls, engine } = recorded();
    await train({
      ...options,
      model: network(),
      engine,
      checkpoints: { save: async () => calls.push('save').toString(), load: async () => undefined },
      callbacks: [{ onEvaluate: () => void calls.push('evaluated') }],
    });
    const epoch = ['step', 'step', 'sync', 'evaluated', 'save'];
    expect(calls).toEqual([...epoch, ...epoch, 'dispose']);
  });

  it('is told when a run is stopped inside an epoch, and goes when a step fails', async () => {
    const controller = new AbortController();
    const stopped = recorded();
    const callbacks = [{ onStepEnd: () => controller.abort() }];
    await train({ ...options, model: network(), engine: stopped.engine, signal: controller.signal, callbacks });
    expect(stopped.calls).toEqual(['step', 'sync', 'dispose']);
    const failing = recorded({ failAt: 2 });
    await expect(train({ ...options, model: network(), engine: failing.engine })).rejects.toThrow('a step that fails');
    expect(failing.calls).toEqual(['step', 'step', 'dispose']);
  });

  it('answers for the model in validation, but not in another mode', async () => {
    const { calls, engine } = recorded({ logits: true });
    const { history } = await train({ ...options, model: network(), engine, epochs: 1 });
    expect(calls).toEqual(['step', 'step', 'sync', 'logits of 100', 'logits of 50', 'dispose']);
    let zeros = 0;
    for await (const { labels } of testDigits(150)) zeros += labels!.filter((label) => label === 0).length;
    expect(history[0]!.eval_accuracy).toBeCloseTo(zeros / 150, 12);
    const other = recorded({ logits: true });
    await train({ ...options, model: network(), engine: other.engine, epochs: 1, evaluationMode: 'mcDropout' });
    expect(other.calls.filter((call) => call.startsWith('logits'))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { train } from '../../loop/train.ts';
import { modelTeacher } from '../../teachers/model-teacher.ts';
import { digits, network } from '../../testing/digits.ts';
import { memoryCheckpoints } from '../../testing/memory-checkpoints.ts';
import { distillation } from '../distillation.ts';
import { cosineWeight, linearWeight } from './ramp-weight.ts';
import { weightsInStep } from './term-weight.ts';

const context = { seed: 0, epoch: 0, step: 0, ids: Uint32Array.of() };
const plain = { batchNorm: false, dropout: 0 };

describe.each([
  ['linearWeight', linearWeight],
  ['cosineWeight', cosineWeight],
])('%s', (name, ramp) => {
  it('goes from one value to the other, and stays there', () => {
    const up = ramp({ from: 0.2, to: 0.8, steps: 10 });
    const at = (step: number): number => up.at({ ...context, step });
    expect([at(0), at(10), at(1000)]).toEqual([0.2, 0.8, 0.8]);
    expect(at(5)).toBeCloseTo(0.5, 12);
    for (let step = 0; step < 10; step++) expect(at(step + 1)).toBeGreaterThan(at(step));
    const down = ramp({ from: 1, to: 0, epochs: 4 });
    expect([0, 2, 4, 9].map((epoch) => Number(down.at({ ...context, epoch, step: 77 }).toFixed(9)))).toEqual([
      1, 0.5, 0, 0,
    ]);
  });

  it.each([
    [{}, 'give either steps or epochs, got steps undefined and epochs undefined'],
    [{ steps: 1, epochs: 1 }, 'give either steps or epochs, got steps 1 and epochs 1'],
    [{ steps: 0.5 }, 'steps must be an integer >= 1, got 0.5'],
    [{ from: -1, steps: 5 }, 'from must be >= 0, got -1'],
    [{ to: Number.NaN, epochs: 5 }, 'to must be >= 0, got NaN'],
  ])('refuses %o', (options, message) => {
    expect(() => ramp(options)).toThrow(`${name}: ${message}`);
  });
});

it("rises as DKD's warm-up does", () => {
  const { at } = linearWeight({ from: 1 / 20, epochs: 19 });
  for (let epoch = 0; epoch < 30; epoch++) {
    expect(at({ ...context, epoch })).toBeCloseTo(Math.min((epoch + 1) / 20, 1), 12);
  }
});

it('moves the loss with the steps, by its parts', async () => {
  const teacher = modelTeacher(network({ ...plain, seed: 9 }));
  const softWeight = linearWeight({ from: 1, to: 0, steps: 4 });
  const objective = distillation({ teacher, temperature: 3, softWeight, hardWeight: ({ step }) => 0.1 * step });
  const seen: number[][] = [];
  const spied = {
    ...objective,
    loss(input: Parameters<typeof objective.loss>[0]) {
      const made = objective.loss(input);
      seen.push([...Object.values(made.parts), made.loss].map((part) => part.dataSync()[0]!));
      return made;
    },
  };
  await train({ model: network(plain), objective: spied, train: digits(96), epochs: 2 }); // 3 batches an epoch
  expect(seen).toHaveLength(6);
  for (const [step, [soft, hard, loss]] of seen.entries()) {
    expect(loss).toBeCloseTo(Math.max(0, 1 - step / 4) * soft! + 0.1 * step * hard!, 5);
  }
});

it('hard and soft weights follow a scheduled lambda', () => {
  const { weights, settings } = distillation({ teacher: modelTeacher(network()), lambda: linearWeight({ steps: 10 }) });
  const at = (name: string): number => weights![name]!({ ...context, step: 3 });
  expect([at('softWeight'), at('hardWeight')]).toEqual([0.3, 0.7]);
  expect(settings!.lambda).toEqual({ schedule: 'linearWeight', from: 0, to: 1, steps: 10 });
});

it('a checkpoint goes on with the same schedule alone', async () => {
  const teacher = modelTeacher(network({ ...plain, seed: 9 }));
  const checkpoints = memoryCheckpoints();
  const run = (steps: number, epochs: number) =>
    train({
      model: network(plain),
      objective: distillation({ teacher, softWeight: linearWeight({ steps }) }),
      train: digits(64),
      epochs,
      checkpoints,
      resume: true,
    });
  await run(10, 1);
  await expect(run(11, 2)).rejects.toThrow(/cannot resume.*objective was.*"steps":10.*is.*"steps":11/s);
  await run(10, 2);
});

it('refuses weights that are none', async () => {
  const teacher = modelTeacher(network(plain));
  expect(() => distillation({ teacher, softWeight: -1 })).toThrow('distillation: softWeight must be >= 0, a schedule');
  expect(() => distillation({ teacher, lambda: 2 })).toThrow('distillation: lambda must be in [0, 1], a schedule');
  expect(() => distillation({ teacher, lambda: 0.5, softWeight: 1 })).toThrow('give either lambda or softWeight and');
  const objective = distillation({ teacher, softWeight: ({ step }) => 1 - step });
  expect(weightsInStep(objective, { ...context, step: 1 })).toEqual({ weights: { softWeight: 0 } });
  await expect(train({ model: network(plain), objective, train: digits(96), epochs: 1 })).rejects.toThrow(
    "train: the weight 'softWeight' of distillation is -1 at step 2, epoch 0; it must be >= 0",
  );
});

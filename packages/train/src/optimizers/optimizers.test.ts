import '@tensorflow/tfjs-backend-cpu';
import { clipByGlobalNorm } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import fixture from '../../fixtures/optimizers.json' with { type: 'json' };
import { adam, adamW } from './adam.ts';
import type { Optimizer } from './optimizer.ts';
import { NO_WEIGHT_DECAY } from './parameter-groups.ts';
import { sgd } from './sgd.ts';

type Name = 'a' | 'b';
const names: Name[] = ['a', 'b'];
afterEach(() => tf.disposeVariables());

const start = (): Record<Name, tf.Variable> => ({
  a: tf.variable(tf.tensor(fixture.start.a, fixture.shapes.a)),
  b: tf.variable(tf.tensor(fixture.start.b, fixture.shapes.b)),
});

/** The fixture's problem: gradient = curvature * (p - target) - 0.6 sin(2 p). */
const gradientOf = (name: Name, variable: tf.Tensor): tf.Tensor =>
  tf.sub(
    tf.mul(
      tf.tensor(fixture.curvature[name], variable.shape),
      tf.sub(variable, tf.tensor(fixture.target[name], variable.shape)),
    ),
    tf.mul(tf.sin(tf.mul(variable, 2)), 0.6),
  );

function step(optimizer: Optimizer, variables: Record<Name, tf.Variable>, which: readonly Name[] = names): void {
  tf.tidy(() => {
    const updates = which.map((name) => ({
      name,
      variable: variables[name],
      gradient: gradientOf(name, variables[name]),
    }));
    optimizer.update(updates, 0.05);
  });
}

describe.each([
  ['adam_default', () => adam()],
  ['adamw_default', () => adamW()],
  ['adamw_no_decay', () => adamW({ weightDecay: 0 })],
  ['sgd_plain', () => sgd()],
  ['sgd_momentum', () => sgd({ momentum: 0.9 })],
  ['sgd_momentum_nesterov', () => sgd({ momentum: 0.9, nesterov: true })],
] as const)('%s', (which, make) => {
  it("follows torch's trajectory", () => {
    const variables = start();
    const optimizer = make();
    for (const { after } of fixture.cases[which].steps) {
      step(optimizer, variables);
      for (const name of names) {
        variables[name].dataSync().forEach((value, i) => {
          expect(Math.abs(value - after[name][i]!)).toBeLessThan(2e-6);
        });
      }
    }
  });

  it('goes on bit for bit from its saved state', async () => {
    const [whole, first] = [start(), start()];
    const [uninterrupted, stopped, resumed] = [make(), make(), make()];
    for (let i = 0; i < 10; i++) step(uninterrupted, whole);
    for (let i = 0; i < 6; i++) step(stopped, first);
    resumed.restore(await stopped.state());
    for (let i = 0; i < 4; i++) step(resumed, first);
    for (const name of names) expect(first[name].dataSync()).toEqual(whole[name].dataSync());
  });

  it('keeps a variable right when others come and go', () => {
    const [together, apart] = [start(), start()];
    const [plain, mixed] = [make(), make()];
    for (let i = 0; i < 6; i++) {
      step(plain, together, ['a']);
      step(mixed, apart, i % 2 ? ['b', 'a'] : ['a']);
    }
    expect(apart.a.dataSync()).toEqual(together.a.dataSync());
  });

  it('holds a constant number of tensors, and none once disposed', () => {
    const variables = start();
    const before = tf.memory().numTensors;
    const optimizer = make();
    step(optimizer, variables);
    const held = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) step(optimizer, variables);
    expect(tf.memory().numTensors).toBe(held);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('groups have rates and decay of their own, and clipping goes before them', () => {
  const variables = start();
  const optimizer = adamW({ weightDecay: 0.1, groups: [{ names: /^b$/, weightDecay: 0 }] });
  for (const { after, grad_norm } of fixture.cases.adamw_two_groups_clip.steps) {
    tf.tidy(() => {
      const { clipped, norm } = clipByGlobalNorm(
        names.map((name) => gradientOf(name, variables[name])),
        1,
      );
      expect(norm.dataSync()[0]).toBeCloseTo(grad_norm, 4);
      optimizer.update(
        names.map((name, i) => ({ name, variable: variables[name], gradient: clipped[i]! })),
        0.05,
      );
    });
    for (const name of names) {
      variables[name].dataSync().forEach((value, i) => {
        expect(Math.abs(value - after[name][i]!)).toBeLessThan(2e-6);
      });
    }
  }
});

it('a scale of a group is one of the rate', () => {
  const [plain, scaled] = [start(), start()];
  const half = sgd({ groups: [{ names: [/b/], learningRateScale: 0.5 }] });
  step(sgd(), plain);
  step(half, scaled);
  expect(scaled.a.dataSync()).toEqual(plain.a.dataSync());
  scaled.b.dataSync().forEach((value, i) => {
    const moved = plain.b.dataSync()[i]! - fixture.start.b[i]!;
    expect(value - fixture.start.b[i]!).toBeCloseTo(moved / 2, 6);
  });
});

it.each([
  ['encoder.layer.0.layernorm_before/gamma', 0],
  ['layernorm/beta', 0],
  ['conv_stem.first_conv.normalization/beta', 0],
  ['encoder.layer.0.attention/attention.query/bias', 0],
  ['conv_stem.first_conv.normalization/gamma', 0.1],
  ['embeddings/cls_token', 0.1],
  ['embeddings/position_embeddings', 0.1],
  ['classifier/kernel', 0.1],
])("%s decays as in Hugging Face's Trainer", (name, expected) => {
  expect(adamW({ weightDecay: 0.1, groups: [NO_WEIGHT_DECAY] }).settingsOf(name).weightDecay).toBe(expected);
});

it.each([
  ['adam', () => adam()],
  ['sgd', () => sgd({ momentum: 0.9 })],
])("%s refuses another model's variable of the same name", (_, make) => {
  const optimizer = make();
  const update = (size: number) => () => {
    const [variable, gradient] = [tf.variable(tf.zeros([size])), tf.ones([size])];
    optimizer.update([{ name: 'fc/bias', variable, gradient }], 0.1);
  };
  update(3)();
  expect(update(7)).toThrow("optimizer: what it remembers of 'fc/bias' has shape [3], the variable [7]");
});

it.each<[() => unknown, string]>([
  [() => adam({ beta1: 1 }), 'adam: beta1 must be in [0, 1), got 1'],
  [() => adamW({ weightDecay: -1 }), 'adamW: weightDecay must be >= 0, got -1'],
  [() => sgd({ groups: [{ names: [] }] }), 'sgd: groups[0].names must be a RegExp or a list of them'],
  [
    () => adam({ groups: [{ names: /a/, learningRateScale: NaN }] }),
    'groups[0].learningRateScale must be >= 0, got NaN',
  ],
  [() => adam({ epsilon: 0 }), 'adam: epsilon must be > 0, got 0'],
  [() => sgd({ momentum: -1 }), 'sgd: momentum must be in [0, 1), got -1'],
  [() => sgd({ nesterov: true }), 'sgd: nesterov needs momentum > 0, got 0'],
])('refuses options out of range: %s', (make, message) => {
  expect(make).toThrow(message);
});

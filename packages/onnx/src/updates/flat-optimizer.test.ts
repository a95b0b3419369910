import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createFlatOptimizer,
  type FlatOptimizer,
  type FlatOptimizerOptions,
  type FlatParameter,
} from './flat-optimizer.ts';
import { jsKernels } from './js-kernels.ts';
import type { UpdateRule } from './rules.ts';

type Name = 'a' | 'b';
type Values = Record<Name, number[]>;
interface Trajectories {
  shapes: Values;
  start: Values;
  target: Values;
  curvature: Values;
  cases: Record<string, { steps: { grad: Values; grad_norm?: number; after: Values }[] }>;
}

const names: Name[] = ['a', 'b'];
const file = new URL('../../../../../shared/goldens/hf/optim/optimizers.json', import.meta.url);
const isThere = existsSync(file);
const adam: UpdateRule = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const sgd = (momentum = 0, nesterov = false): UpdateRule => ({ name: 'sgd', momentum, nesterov });

const SHAPES = { a: [3], b: [2, 2] };

function make(options: FlatOptimizerOptions, more: Partial<Record<Name, Partial<FlatParameter>>> = {}): FlatOptimizer {
  return createFlatOptimizer(
    names.map((name) => ({ name, shape: SHAPES[name], ...more[name] })),
    options,
  );
}

/** Some gradient that depends on where the values are. */
function writeGradients(optimizer: FlatOptimizer, which: readonly Name[] = names): void {
  for (const name of which) {
    const values = optimizer.values(name);
    optimizer.gradient(name).set(values.map((value, i) => 0.7 * value - Math.sin(3 * value + i)));
  }
}

function run(optimizer: FlatOptimizer, steps: number): void {
  for (let i = 0; i < steps; i++) {
    writeGradients(optimizer);
    optimizer.update(0.05);
  }
}

const valuesOf = (optimizer: FlatOptimizer): number[][] => names.map((name) => Array.from(optimizer.values(name)));

describe.skipIf(!isThere)(`torch's trajectories${isThere ? '' : ` (skipped: no ${file.pathname})`}`, () => {
  const fixture = isThere ? (JSON.parse(readFileSync(file, 'utf8')) as Trajectories) : undefined;
  const decay = (a: number, b = a) => ({ a: { weightDecay: a }, b: { weightDecay: b } });
  it.each<[string, FlatOptimizerOptions, ReturnType<typeof decay>]>([
    ['adam_default', { rule: adam }, decay(0)],
    ['adamw_no_decay', { rule: adam }, decay(0)],
    ['adamw_default', { rule: adam }, decay(0.01)],
    ['adamw_two_groups_clip', { rule: adam, maxGradientNorm: 1 }, decay(0.1, 0)],
    ['sgd_plain', { rule: sgd() }, decay(0)],
    ['sgd_momentum', { rule: sgd(0.9) }, decay(0)],
    ['sgd_momentum_nesterov', { rule: sgd(0.9, true) }, decay(0)],
  ])('%s', (which, options, more) => {
    const { start, curvature, target, cases } = fixture!;
    for (const kernels of [undefined, jsKernels]) {
      const optimizer = make(kernels ? { ...options, kernels } : options, more);
      for (const name of names) optimizer.values(name).set(start[name]);
      for (const { after, grad_norm } of cases[which]!.steps) {
        for (const name of names) {
          optimizer
            .gradient(name)
            .set(
              optimizer
                .values(name)
                .map((value, i) => curvature[name][i]! * (value - target[name][i]!) - 0.6 * Math.sin(2 * value)),
            );
        }
        const norm = optimizer.update(0.05);
        if (grad_norm !== undefined) expect(norm).toBeCloseTo(grad_norm, 5);
        for (const name of names) {
          optimizer.values(name).forEach((value, i) => {
            expect(Math.abs(value - after[name][i]!)).toBeLessThan(1e-6);
          });
        }
      }
    }
  });
});

describe.each([
  ['adam', adam],
  ['sgd', sgd()],
  ['momentum', sgd(0.9)],
  ['nesterov', sgd(0.9, true)],
] as const)('%s', (_, rule) => {
  const start = (optimizer: FlatOptimizer): FlatOptimizer => {
    for (const name of names) optimizer.values(name).set(optimizer.values(name).map((_, i) => 0.3 * i - 0.4));
    return optimizer;
  };

  it('goes on bit for bit from its saved state', () => {
    const [whole, first, second] = [make({ rule }), make({ rule }), make({ rule })].map(start) as Three;
    run(whole, 10);
    run(first, 6);
    for (const name of names) second.values(name).set(first.values(name));
    second.restore(first.state());
    run(second, 4);
    expect(valuesOf(second)).toEqual(valuesOf(whole));
    expect(second.state()).toEqual(whole.state());
  });

  it('takes the mean of accumulated batches', () => {
    const [whole, parts] = [make({ rule }), make({ rule })].map(start) as Three;
    for (let i = 0; i < 3; i++) {
      writeGradients(whole);
      const gradients = names.map((name) => whole.gradient(name).slice());
      whole.update(0.05);
      for (const factor of [0.5, 1.5, 0.25, 1.75]) {
        names.forEach((name, n) => {
          parts.gradient(name).set(gradients[n]!.map((value) => value * factor));
        });
        if (factor === 1.75) parts.update(0.05);
        else parts.accumulate();
      }
    }
    names.forEach((name) => {
      parts.values(name).forEach((value, i) => {
        expect(value).toBeCloseTo(whole.values(name)[i]!, 5);
      });
    });
  });

  it('has groups: neighbours of another rate are not moved along', () => {
    const frozen = start(make({ rule }, { b: { learningRateScale: 0 } }));
    const free = start(make({ rule }));
    const before = Array.from(frozen.values('b'));
    run(frozen, 3);
    run(free, 3);
    expect(Array.from(frozen.values('b'))).toEqual(before);
    expect(valuesOf(frozen)[0]).toEqual(valuesOf(free)[0]);
  });

  it('has the moving average of what the values were', () => {
    const optimizer = start(make({ rule, hasAverage: true }));
    for (const name of names) optimizer.average(name).set(optimizer.values(name));
    const expected = Array.from(optimizer.values('a'));
    for (const decay of [0.1, 0.5, 0.75, 0.75, 0.9999]) {
      run(optimizer, 1);
      optimizer.moveAverages(decay);
      optimizer.values('a').forEach((value, j) => {
        expected[j] = decay * expected[j]! + (1 - decay) * value;
      });
    }
    optimizer.average('a').forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
    expect(() => make({ rule }).average('a')).toThrow("flatOptimizer: there is no average of 'a'");
    expect(() => optimizer.moveAverages(1.5)).toThrow('flatOptimizer: decay must be in [0, 1], got 1.5');
  });
});

it('leaves a parameter without a gradient alone', () => {
  const parameters = names.map((name) => ({ name, shape: SHAPES[name], weightDecay: 0.1 }));
  const optimizer = createFlatOptimizer(parameters, { rule: adam });
  optimizer.values('a').fill(2);
  optimizer.gradient('a').fill(1);
  for (let i = 0; i < 2; i++) optimizer.update(0.05, new Set(['b']));
  expect(Array.from(optimizer.values('a'))).toEqual([2, 2, 2]);
  expect(optimizer.state().map(({ name }) => name)).toEqual(['m/b', 'v/b', 'step/b']);
});

it('clips to the norm of all gradients together, and leaves shorter ones their bits', () => {
  const [clipped, plain] = [make({ rule: sgd(), maxGradientNorm: 5 }), make({ rule: sgd() })];
  for (const [gradient, moved] of [
    [6, -3],
    [1, -1],
  ] as const) {
    for (const optimizer of [clipped, plain]) {
      optimizer.values('a').fill(0);
      optimizer.gradient('a').set([gradient, 0, 0]);
      optimizer.gradient('b').set([(gradient * 8) / 6, 0, 0, 0]);
    }
    expect(clipped.update(1)).toBeCloseTo((gradient * 10) / 6, 6);
    plain.update(1);
    expect(clipped.values('a')[0]).toBe(moved);
  }
});

it.each<[Partial<FlatOptimizerOptions>, string]>([
  [{ rule: { ...adam, beta1: 1 } as UpdateRule }, 'flatOptimizer: beta1 must be in [0, 1), got 1'],
  [{ rule: { ...adam, epsilon: 0 } as UpdateRule }, 'flatOptimizer: epsilon must be > 0, got 0'],
  [{ rule: sgd(-1) }, 'flatOptimizer: momentum must be in [0, 1), got -1'],
  [{ maxGradientNorm: 0 }, 'flatOptimizer: maxGradientNorm must be > 0, got 0'],
])('refuses %o', (options, message) => {
  expect(() => make({ rule: adam, ...options })).toThrow(message);
});

it("refuses another model's state", () => {
  const state = [{ name: 'm/a', shape: [7], data: new Float32Array(7) }];
  expect(() => make({ rule: adam }).restore(state)).toThrow("the saved 'm/a' has 7 values, the parameter 3");
});

type Three = [FlatOptimizer, FlatOptimizer, FlatOptimizer];

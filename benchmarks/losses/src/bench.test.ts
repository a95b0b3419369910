import { selectBackend } from '@kd/backend/node';
import * as losses from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { GROUPS, type Group } from './losses.ts';
import { measureGroup } from './measure.ts';
import { formatGroup } from './report.ts';

const QUICK = { rounds: 1, atLeastMs: 0 };

/** With every dimension small. */
function small(group: Group): Group {
  return { ...group, shape: group.shape.map((size) => Math.min(size, 8)) };
}

beforeAll(() => selectBackend({ backend: 'wasm' }));

describe('the benchmark of the losses', () => {
  it('has every exported loss in one of its tables', () => {
    const exported = Object.entries(losses).flatMap(([name, value]) =>
      typeof value === 'function' && /(Loss|CrossEntropy|Terms)$/i.test(name) ? [name] : [],
    );
    const rows = new Set(GROUPS.flatMap((group) => Object.keys(group.losses)));
    expect([...rows].sort()).toEqual(exported.sort());
  });

  it.each(GROUPS.map(small))('times each of $title $shape, and keeps no tensors', (group) => {
    const before = tf.memory().numTensors;
    const { unitMs, losses } = measureGroup(group, QUICK);
    expect(tf.memory().numTensors).toBe(before);
    expect(losses.map(({ name }) => name)).toEqual(Object.keys(group.losses));
    expect(losses.filter(({ ms, ratio }) => !(ms > 0 && ratio > 0 && ratio < Infinity))).toEqual([]);
    if (losses.length > 0) expect(unitMs).toBeGreaterThan(0);
  });

  it('names a loss that leaves tensors behind', () => {
    const leaky = { title: 'Leaky', shape: [2, 3], losses: { leakyLoss: () => leakyLoss } };
    expect(() => measureGroup(leaky, QUICK)).toThrow('leakyLoss leaves 1 tensors behind');
  });

  it('prints one row for each loss, with the backends side by side', () => {
    const times = { unitMs: 2, losses: [{ name: 'oneLoss', ms: 3, ratio: 1.5 }] };
    const group = { title: 'Logits', shape: [2, 3], losses: {} };
    const lines = formatGroup(group, { cpu: times, wasm: times }).split('\n');
    expect(lines[0]).toBe('Logits [2, 3]');
    expect(lines[2]!.split(/\s+/)).toEqual(['loss', 'cpu', 'ms', 'x', 'wasm', 'ms', 'x']);
    expect(lines.at(-1)!.split(/\s+/)).toEqual(['oneLoss', '3.00', '1.5', '3.00', '1.5']);
  });
});

function leakyLoss(student: tf.Tensor): tf.Scalar {
  tf.keep(tf.scalar(1));
  return tf.sum(student);
}

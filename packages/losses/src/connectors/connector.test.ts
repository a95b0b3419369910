import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../testing/backends.ts';
import { connectorVariables } from './connector.ts';
import { convConnector } from './conv-connector.ts';
import { linearConnector } from './linear-connector.ts';
import { mgdConnector } from './mgd-connector.ts';
import { reviewConnector } from './review-connector.ts';
import { vidConnector } from './vid-connector.ts';

const channels = { inputChannels: 3, outputChannels: 4 };
const factories = {
  linearConnector: (name: string, seed?: number) =>
    linearConnector({ name, inputFeatures: 3, outputFeatures: 4, ...(seed === undefined ? {} : { seed }) }),
  convConnector: (name: string, seed = 0) => convConnector({ name, seed, ...channels }),
  vidConnector: (name: string, seed = 0) => vidConnector({ name, seed, ...channels }),
  mgdConnector: (name: string, seed = 0) => mgdConnector({ name, seed, ...channels }),
  reviewConnector: (name: string, seed = 0) => reviewConnector({ name, seed, levels: [channels, channels] }),
};
const start = (...args: Parameters<typeof factories.linearConnector>) => {
  const { variables } = factories.linearConnector(...args);
  return Array.from(variables[0]!.variable.dataSync());
};

describe.each(Object.entries(factories))('%s', (caller, create) => {
  useBackend('cpu');

  it('names its variables after itself, each once, all trainable', () => {
    const { variables } = create('hint');
    const names = variables.map(({ name }) => name);
    expect(names.every((name) => /^hint\/(\w+\/)*\w+$/.test(name))).toBe(true);
    expect(new Set(names).size).toBe(names.length);
    expect(variables.every(({ trainable, variable }) => trainable && variable.trainable)).toBe(true);
  });

  it('starts the same from the same seed and name', () => {
    const [a, b] = [create('hint', 5), create('hint', 5)];
    for (const [i, { name, variable }] of a.variables.entries()) {
      expect(b.variables[i]!.name).toBe(name);
      expect(Array.from(b.variables[i]!.variable.dataSync())).toEqual(Array.from(variable.dataSync()));
    }
  });

  it('owns nothing but its variables, and frees them', () => {
    const before = tf.memory().numTensors;
    const made: ReturnType<typeof create>[] = [];
    tf.tidy(() => {
      made.push(create('hint')); // variables outlive a tidy
    });
    expect(tf.memory().numTensors).toBe(before + made[0]!.variables.length);
    made[0]!.dispose();
    made[0]!.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, () => unknown, string]>([
    ['no name', () => create(''), `${caller}: name must be a text, got `],
    ['a seed that is none', () => create('hint', 0.5), `${caller}: seed must be a whole number, got 0.5`],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe('connectors', () => {
  useBackend('cpu');

  it('start differently from another seed, another name, and in other variables', () => {
    const starts = [start('a', 0), start('a', 1), start('b', 0)];
    expect(new Set(starts.map(String)).size).toBe(3);
    expect(start('a')).toEqual(start('a', 0));
    const [first, second] = mgdConnector({ name: 'm', inputChannels: 4, outputChannels: 4 }).variables.filter(
      ({ name }) => name.endsWith('kernel'),
    );
    expect(first!.variable.dataSync()).not.toEqual(second!.variable.dataSync());
  });

  it.each<[string, () => unknown, string]>([
    [
      'missing channels',
      () => convConnector({ name: 'a', inputChannels: 3 } as never),
      'convConnector: outputChannels must be a whole number > 0, got none',
    ],
    [
      'features that are none',
      () => linearConnector({ name: 'a', inputFeatures: 1.5, outputFeatures: 2 }),
      'linearConnector: inputFeatures must be a whole number > 0, got 1.5',
    ],
    [
      'an unknown option',
      () => vidConnector({ name: 'a', ...channels, bias: true } as never),
      'vidConnector: bias is none of ',
    ],
    [
      'channels of a level',
      () => reviewConnector({ name: 'a', levels: [channels, { inputChannels: 3 } as never] }),
      'reviewConnector: outputChannels must be a whole number > 0, got none',
    ],
    ['no levels', () => reviewConnector({ name: 'a', levels: [] }), 'levels must be a list of one or more'],
    [
      'a size that is no pair',
      () => reviewConnector({ name: 'a', levels: [{ ...channels, outputSize: [7] as never }] }),
      'outputSize must be [height, width], got 7',
    ],
    [
      'a mask ratio above 1',
      () => mgdConnector({ name: 'a', ...channels, maskRatio: 15 }),
      'mgdConnector: maskRatio must be in [0, 1], got 15',
    ],
  ])('refuse %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe('connectorVariables', () => {
  useBackend('cpu');

  it('lists those of a connector that is used twice once', () => {
    const [a, b] = [factories.convConnector('a'), factories.vidConnector('b')];
    expect(connectorVariables(a, b, a)).toEqual([...a.variables, ...b.variables]);
  });

  it('refuses two connectors of one name', () => {
    expect(() => connectorVariables(factories.convConnector('hint'), factories.linearConnector('hint'))).toThrow(
      "connectorVariables: two variables are called 'hint/kernel'; give each connector a name of its own",
    );
  });
});

describe.each(backends)('linearConnector on %s', (backend) => {
  useBackend(backend);

  it('is a product and a bias', () => {
    const connector = factories.linearConnector('hint');
    const [kernel, bias] = connector.variables.map(({ variable }) => variable);
    const x = tf.tensor2d([[1, -2, 3]]);
    expect(connector.apply(x).dataSync()).toEqual(tf.add(tf.matMul(x, kernel!), bias!).dataSync());
    expect(Math.max(...kernel!.dataSync().map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(3));
  });

  it('refuses features of another width', () => {
    expect(() => factories.linearConnector('hint').apply(tf.zeros([2, 4]))).toThrow(
      "linearConnector 'hint': features must be float32 [batch, 3], got float32 [2, 4]",
    );
  });
});

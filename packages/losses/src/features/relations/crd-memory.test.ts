import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backends, useBackend } from '../../testing/backends.ts';
import { expectTensor } from '../../testing/gradients.ts';
import { crdMemory } from './crd-memory.ts';

describe.each(backends)('crdMemory on %s', (backend) => {
  useBackend(backend);

  it('holds rows of length 1 that the seed, the name and the side tell apart', () => {
    const { numTensors } = tf.memory();
    const make = (options: object) => crdMemory({ samples: 6, features: 3, ...options });
    const all = [make({}), make({ name: 'crd', seed: 0 }), make({ seed: 1 }), make({ name: 'other' })];
    const rows = all.map(({ student }) => [...student.rows.dataSync()].join());
    expect(rows[1]).toBe(rows[0]);
    expect(new Set([...rows, all[0]!.teacher.rows.dataSync().join()]).size).toBe(4);
    tf.tidy(() => {
      for (const { student, teacher } of all) {
        for (const bank of [student, teacher]) expectTensor(tf.norm(bank.rows, 2, 1), tf.ones([6]));
      }
    });
    for (const memory of all) memory.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('names its variables for checkpoints, and gives none to optimisers', () => {
    const memory = crdMemory({ samples: 6, name: 'relation' });
    expect(memory.variables.map(({ name, variable, trainable }) => [name, variable.shape, trainable])).toEqual([
      ['relation/student/rows', [6, 128], false],
      ['relation/student/Z', [1], false],
      ['relation/teacher/rows', [6, 128], false],
      ['relation/teacher/Z', [1], false],
    ]);
    expect(memory.variables.some(({ variable }) => variable.trainable)).toBe(false);
    memory.dispose();
    memory.dispose();
  });

  it('says what is wrong', () => {
    const make = (options: object) => () => crdMemory(options as never);
    expect(make({})).toThrow('crdMemory: samples must be a whole number > 0, got none');
    expect(make({ samples: 2, features: 0 })).toThrow('crdMemory: features must be a whole number > 0, got 0');
    expect(make({ samples: 2, momentum: 2 })).toThrow('crdMemory: momentum must be in [0, 1], got 2');
    expect(make({ samples: 2, size: 2 })).toThrow('size is none of ');
  });
});

import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fixture from '../../../fixtures/crd.json' with { type: 'json' };
import goldens from '../../../fixtures/losses.json' with { type: 'json' };
import { unit } from '../../internal/unit.ts';
import { backends, tolerance, useBackend } from '../../testing/backends.ts';
import { below } from '../../testing/below.ts';
import { input } from '../../testing/goldens.ts';
import { draws, expectTensor } from '../../testing/gradients.ts';
import { crdConnector } from './crd-connector.ts';
import { type CrdOptions, crdLoss } from './crd-loss.ts';
import { type CrdMemory, crdMemory } from './crd-memory.ts';
import { crdNegatives } from './crd-negatives.ts';

const SAMPLES = 10;
const int2d = (rows: number[][]): tf.Tensor2D => tf.tensor2d(rows, undefined, 'int32');
const unitRows = (seed: number, batch: number): tf.Tensor2D => unit(draws(seed, [batch, 5]), 1);

/** Both gradients, with the value in front. */
function lossAndGradients(
  [s, t]: readonly [tf.Tensor2D, tf.Tensor2D],
  options: CrdOptions,
  embed = (x: tf.Tensor2D) => x,
): tf.Tensor[] {
  const loss = (s: tf.Tensor, t: tf.Tensor) =>
    crdLoss(embed(s as tf.Tensor2D), embed(t as tf.Tensor2D), undefined, options);
  const { value, grads } = tf.valueAndGrads(loss)([s, t]);
  return [value, ...grads];
}

const values = ({ variables }: Pick<CrdMemory, 'variables'>): number[][] =>
  variables.map(({ variable }) => [...variable.dataSync()]);

describe.each(backends)('crdLoss on %s', (backend) => {
  useBackend(backend);
  let memory: CrdMemory;
  beforeEach(() => {
    memory = crdMemory({ samples: SAMPLES, features: 5 });
    tf.tidy(() => {
      memory.student.rows.assign(input('memS'));
      memory.teacher.rows.assign(input('memT'));
    });
  });
  afterEach(() => memory.dispose());

  it('agrees with two steps of the reference: value, both gradients, Z and memories', () => {
    tf.tidy(() => {
      let pair: [tf.Tensor2D, tf.Tensor2D] = [input('es'), input('et5')];
      for (const step of fixture.steps) {
        const close = (actual: tf.Tensor, wanted: number[]) =>
          expectTensor(actual, tf.tensor(wanted, actual.shape), tolerance());
        const indices = int2d(step.indices);
        const [value, ofStudent, ofTeacher] = lossAndGradients(pair, { memory, indices }, (x) => unit(x, 1));
        close(value!, [step.loss]);
        close(ofStudent!, step.studentGradient);
        close(ofTeacher!, step.teacherGradient);
        close(memory.teacher.Z, [fixture.Z.student]);
        close(memory.student.Z, [fixture.Z.teacher]);
        memory.update(unit(pair[0], 1), unit(pair[1], 1), indices);
        close(memory.student.rows, step.studentMemory);
        close(memory.teacher.rows, step.teacherMemory);
        pair = [pair[1], pair[0]];
      }
    });
    const golden = goldens.cases.find(({ name }) => name === 'crd');
    expect(golden).toMatchObject({
      loss: fixture.steps[0]!.loss,
      Z_student_side: expect.closeTo(fixture.Z.student, 8),
      Z_teacher_side: expect.closeTo(fixture.Z.teacher, 8),
    });
  });

  it('takes rows that are masked as if they were not there, Z and memory included', () => {
    tf.tidy(() => {
      const [s, t] = [unitRows(1, 4), unitRows(2, 4)];
      // What pads names samples too, also those of the batch.
      const indices = int2d([
        [0, 5, 7, 9],
        [2, 2, 2, 2],
        [2, 9, 5, 4],
        [0, 1, 1, 1],
      ]);
      const mask = tf.tensor1d([true, false, true, false], 'bool');
      const kept = tf.tensor1d([0, 2], 'int32');
      const take = <T extends tf.Tensor>(x: T): T => tf.gather(x, kept);
      const start = values(memory);
      const restore = () => {
        for (const [i, { variable }] of memory.variables.entries())
          variable.assign(tf.tensor(start[i]!, variable.shape));
      };

      const alone = lossAndGradients([take(s), take(t)], { memory, indices: take(indices) });
      memory.update(take(s), take(t), take(indices));
      const [moved, Z] = [values(memory), memory.student.Z.dataSync()[0]!];
      restore();
      const padded = lossAndGradients([s, t], { memory, indices, mask });
      expectTensor(padded[0]!, alone[0]!, tolerance());
      for (const i of [1, 2]) {
        expectTensor(take(padded[i]!), alone[i]!, tolerance());
        expect(tf.max(tf.abs(tf.gather(padded[i]!, [1, 3]))).dataSync()[0]).toBe(0);
      }
      expect(memory.student.Z.dataSync()[0]! / Z).toBeCloseTo(1, 5);
      memory.update(s, t, indices, mask);
      for (const i of [0, 2]) expect(values(memory)[i]).toEqual(moved[i]);

      const before = values(memory);
      memory.update(s, t, indices, tf.zeros([4], 'bool'));
      expect(values(memory)).toEqual(before);
    });
  });

  it('survives a first batch of which all is masked, and takes Z from the next', () => {
    tf.tidy(() => {
      const [s, t] = [unitRows(1, 2), unitRows(2, 2)];
      const indices = int2d([
        [0, 5, 7],
        [1, 4, 8],
      ]);
      const masked = { memory, indices, mask: tf.zeros<tf.Rank.R1>([2], 'bool') };
      const [value, ...gradients] = lossAndGradients([s, t], masked);
      expect(value!.dataSync()[0]).toBeCloseTo(0, 4);
      for (const gradient of gradients) expect(tf.max(tf.abs(gradient)).dataSync()[0]).toBe(0);
      expect(memory.student.Z.dataSync()[0]).toBe(0);
      crdLoss(s, t, undefined, { memory, indices });
      expect(memory.student.Z.dataSync()[0]).toBeGreaterThan(0);
    });
  });

  it('keeps Z of the first call', () => {
    tf.tidy(() => {
      const indices = int2d([
        [0, 5, 7],
        [1, 4, 8],
      ]);
      crdLoss(unitRows(1, 2), unitRows(2, 2), undefined, { memory, indices });
      const Z = values(memory);
      crdLoss(unitRows(3, 2), unitRows(4, 2), undefined, { memory, indices });
      expect(values(memory)).toEqual(Z);
    });
  });

  it('is finite at the lowest temperature, for embeddings that the memory holds already', () => {
    tf.tidy(() => {
      const rows = memory.teacher.rows;
      memory.student.rows.assign(tf.neg(rows));
      const indices = int2d([
        [0, 5, 7],
        [1, 4, 8],
      ]);
      const s = tf.slice(rows, 0, 2) as tf.Tensor2D;
      for (const t of [s, tf.neg(s)]) {
        const all = lossAndGradients([s, t], { memory, indices, temperature: 0.025 });
        expect(all.flatMap((x) => [...x.dataSync()]).every(Number.isFinite)).toBe(true);
      }
    });
  });

  it('trains both projections, leaves no tensors, and goes on from saved variables to the last bit', () => {
    const labels = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
    const draw = crdNegatives({ labels, negatives: 5 });
    const [studentFeatures, teacherFeatures] = [draws(1, [10, 6]), draws(2, [10, 7])] as [tf.Tensor2D, tf.Tensor2D];

    function training() {
      const memory = crdMemory({ samples: SAMPLES, features: 4 });
      const ofStudent = crdConnector({ name: 'student', inputFeatures: 6, outputFeatures: 4 });
      const ofTeacher = crdConnector({ name: 'teacher', inputFeatures: 7, outputFeatures: 4 });
      const parts = [memory, ofStudent, ofTeacher];
      const variables = parts.flatMap((part) => part.variables);
      const trained = variables.filter(({ trainable }) => trainable).map(({ variable }) => variable);
      const optimizer = tf.train.sgd(0.1);
      function step(number: number): number {
        return tf.tidy(() => {
          const batch = [0, 1, 2, 3].map((i) => (3 * number + 2 * i) % 10);
          const indices = draw(batch, below(number + 1));
          const take = (x: tf.Tensor2D) => tf.gather(x, tf.tensor1d(batch, 'int32'));
          const loss = optimizer.minimize(
            () => {
              const s = ofStudent.apply(take(studentFeatures));
              const t = ofTeacher.apply(take(teacherFeatures));
              const loss = crdLoss(s, t, undefined, { memory, indices });
              memory.update(s, t, indices);
              return loss;
            },
            true,
            trained,
          );
          return loss!.dataSync()[0]!;
        });
      }
      return { variables, step, dispose: () => parts.forEach((part) => void part.dispose()) };
    }

    const whole = training();
    const losses = [whole.step(0)];
    const { numTensors } = tf.memory();
    for (let i = 1; i < 3; i++) losses.push(whole.step(i));
    const saved = values(whole);
    for (let i = 3; i < 40; i++) losses.push(whole.step(i));
    expect(tf.memory().numTensors).toBe(numTensors);
    const mean = (part: number[]) => part.reduce((a, b) => a + b) / part.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.8 * mean(losses.slice(0, 10)));

    const rest = training();
    tf.tidy(() => {
      for (const [i, { variable }] of rest.variables.entries()) variable.assign(tf.tensor(saved[i]!, variable.shape));
    });
    for (let i = 3; i < 40; i++) expect(rest.step(i)).toBe(losses[i]);
    expect(values(rest)).toEqual(values(whole));
    whole.dispose();
    rest.dispose();
    tf.dispose([studentFeatures, teacherFeatures]);
  });

  it('says what is wrong', () => {
    tf.tidy(() => {
      const e = unitRows(1, 2);
      const indices = int2d([
        [0, 5, 7],
        [1, 4, 8],
      ]);
      const call =
        (options: object, s = e, t = e) =>
        () =>
          crdLoss(s, t, undefined, { memory, indices, ...options } as CrdOptions);
      expect(call({}, unitRows(1, 3))).toThrow('crdLoss: teacherEmbedding must be float32 [3, 5], got float32 [2, 5]');
      expect(call({}, e, draws(1, [2, 4]))).toThrow('teacherEmbedding must be float32 [2, 5], got float32 [2, 4]');
      expect(call({ indices: int2d([[0], [1]]) })).toThrow(
        'indices must be int32 [2, 1 + negatives], got int32 [2, 1]',
      );
      expect(call({ indices: tf.tensor1d([1, 2], 'int32') })).toThrow('indices must be int32 [2, 1 + negatives]');
      expect(
        call({
          indices: int2d([
            [0, 10],
            [1, 2],
          ]),
        }),
      ).toThrow('crdLoss: index 10 is not in [0, 10)');
      expect(call({ temperature: 0.01 })).toThrow('crdLoss: temperature must be >= 0.025, got 0.01');
      expect(call({ negatives: 3 })).toThrow('negatives is none of ');
      expect(call({ memory: undefined })).toThrow('crdLoss: memory must be');
      expect(call({ mask: tf.tensor1d([true], 'bool') })).toThrow('crdLoss: mask must be bool [2], got bool [1]');
      expect(() => memory.update(e, e, int2d([[0]]))).toThrow(
        'crdMemory.update: indices must be int32 [2, 1], got int32 [1, 1]',
      );
      expect(() => memory.update(e, unitRows(1, 3), indices)).toThrow(
        'crdMemory.update: teacherEmbedding must be float32 [2, 5]',
      );
    });
  });
});

import '@tensorflow/tfjs-backend-cpu';
import { getModelConfig, mlp } from '@kd/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Teacher } from '../teachers/teacher.ts';
import { matchLabels } from './match-labels.ts';
import { inheritLabels } from './model-labels.ts';
import { relabeledTeacher } from './relabeled-teacher.ts';

const beans = ['angular_leaf_spot', 'bean_rust', 'healthy'];

/** Answers with numbers that say where they come from: 10 * row + the teacher's label. */
const speaking = (classes: number): Teacher => ({
  deterministic: true,
  fingerprint: async () => 'speaking',
  logits: async ({ ids }) =>
    Float32Array.from([...ids].flatMap((_, row) => Array.from({ length: classes }, (_, c) => 10 * row + c))),
});

describe('matchLabels', () => {
  it('has nothing to do for equal classes', () => {
    expect(matchLabels(beans, [...beans])).toBeUndefined();
  });

  it('brings the logits of every order to the data, whatever the order', async () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 12 });
    const orders = names.chain((data) =>
      fc.record({ data: fc.constant(data), teacher: fc.shuffledSubarray(data, { minLength: data.length }) }),
    );
    await fc.assert(
      fc.asyncProperty(orders, async ({ data, teacher }) => {
        const order = matchLabels(teacher, data) ?? data.map((_, i) => i);
        const relabeled = relabeledTeacher(speaking(data.length), order, data);
        const images = { data: new Float32Array(2), shape: [2, 1, 1, 1] };
        const ids = Uint32Array.of(0, 1);
        const logits = await relabeled.logits({ ids, images }, { seed: 0, epoch: 0, step: 0, ids });
        // Column c must come from where the teacher has the data's class c.
        const expected = [0, 1].flatMap((row) => data.map((name) => 10 * row + teacher.indexOf(name)));
        expect([...logits]).toEqual(expected);
      }),
    );
  });

  it('takes the map, in any order', () => {
    const map = { 'Bean Rust': 'bean_rust', LABEL_2: 'angular_leaf_spot' };
    expect(matchLabels(['Bean Rust', 'healthy', 'LABEL_2'], beans, { teacherLabelMap: map })).toEqual([2, 0, 1]);
  });

  it('refuses other writings, and says the map that is meant', () => {
    expect(() => matchLabels(['Healthy', 'Angular Leaf Spot', 'bean_rust'], beans, { caller: 'distill' })).toThrow(
      "distill: the teacher's classes (0 Healthy, 1 Angular Leaf Spot, 2 bean_rust) are not those of the data " +
        '(0 angular_leaf_spot, 1 bean_rust, 2 healthy); if these are the same, pass ' +
        "teacherLabelMap: { Healthy: 'healthy', 'Angular Leaf Spot': 'angular_leaf_spot' }",
    );
  });

  it('the map that it says is one that it takes', () => {
    const teacher = ["Angular-Leaf'Spot", 'BEAN RUST', 'healthy'];
    let said = '';
    try {
      matchLabels(teacher, beans);
    } catch (error) {
      said = /teacherLabelMap: (\{.*\})/.exec((error as Error).message)![1]!;
    }
    const teacherLabelMap = new Function(`return ${said}`)() as Record<string, string>;
    expect(matchLabels(teacher, beans, { teacherLabelMap })).toBeUndefined();
  });

  it.each([
    [
      ['LABEL_0', 'LABEL_1', 'LABEL_2'],
      {},
      "such as teacherLabelMap: { LABEL_0: 'angular_leaf_spot', LABEL_1: 'bean_rust'",
    ],
    [['cat', 'dog'], {}, 'replaceHead() of @kd/models'],
    [[...beans, 'weeds'], {}, 'fineTune()'],
    [['healthy', 'healthy', 'bean_rust'], {}, 'are not those of the data'],
    [['Healthy', 'HEALTHY', 'bean_rust'], {}, 'say which is which'],
    [beans, { weeds: 'healthy' }, "the teacher has no class 'weeds'; it has 0 angular_leaf_spot"],
    [beans, { healthy: 'weeds' }, "the data has no class 'weeds'"],
    [['a', 'bean_rust', 'healthy'], { a: 'healthy' }, 'are not those of the data'],
  ])('refuses %j with the map %j', (teacher, teacherLabelMap, words) => {
    expect(() => matchLabels(teacher, beans, { teacherLabelMap })).toThrow(words);
  });
});

describe('inheritLabels', () => {
  const student = (classNames: string[]) => mlp({ inputShape: [2, 2, 1], hiddenSizes: [], classNames });

  it('names the classes of a student that has none', () => {
    const model = student(['LABEL_0', 'LABEL_1', 'LABEL_2']);
    expect(inheritLabels('distill', model, beans)).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2']);
    expect(getModelConfig(model).classNames).toEqual(beans);
    expect(getModelConfig(model)).toMatchObject({ modelType: 'mlp' });
  });

  it('leaves the right ones alone', () => {
    expect(inheritLabels('distill', student(beans), beans)).toBeUndefined();
  });

  it.each([
    [['healthy', 'bean_rust', 'angular_leaf_spot'], /in the same order; make it with \{ classNames \}/],
    [['cat', 'dog', 'owl'], /\(cat, dog, owl\) are not those of the data \(angular_leaf_spot, bean_rust, healthy\);/],
    [['LABEL_0', 'LABEL_1'], /replaceHead/],
  ])('refuses %j', (names, words) => {
    expect(() => inheritLabels('distill', student(names), beans)).toThrow(words);
  });
});

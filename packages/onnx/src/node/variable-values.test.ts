import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { PortArray } from './open-session.ts';
import { createVariableValues } from './variable-values.ts';

beforeAll(() => tf.setBackend('cpu'));

it("reads a variable's data where the backend has it, until somebody writes to it", async () => {
  const [values, variable] = [createVariableValues(), tf.variable(tf.tensor1d([1, 2]))];
  const given: PortArray[] = [];
  values.read(variable, (array) => given.push(array));
  expect(given).toEqual([]);
  await values.pull();
  expect(given.at(-1)).toBe(variable.dataSync());
  variable.assign(tf.tensor1d([3, 4]));
  await values.pull();
  expect(given.at(-1)).toBe(variable.dataSync());

  const own = values.array(variable);
  expect(given.at(-1)).toBe(own);
  own[0] = 9;
  expect(Array.from(variable.dataSync())).toEqual([3, 4]);
  values.changed([variable]);
  values.push();
  expect(Array.from(variable.dataSync())).toEqual([9, 4]);
  variable.assign(tf.tensor1d([5, 6]));
  await values.pull();
  expect(values.array(variable)).toBe(own);
  expect(Array.from(own)).toEqual([5, 6]);
});

it('gives who reads the array that is there already', () => {
  const [values, variable] = [createVariableValues(), tf.variable(tf.tensor1d([1, 2]))];
  const own = new Float32Array(2);
  expect(values.array(variable, own)).toBe(own);
  let read: PortArray | undefined;
  values.read(variable, (array) => {
    read = array;
  });
  expect(read).toBe(own);
});

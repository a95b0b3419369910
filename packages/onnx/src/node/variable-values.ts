import * as tf from '@tensorflow/tfjs-core';
import { arrayFor, type PortArray } from './open-session.ts';

/**
 * Values of TF.js variables in arrays that sessions read and write, kept equal both ways: `pull` takes over what somebody
 * has assigned to a variable since, `push` assigns what a session has made of the array.
 */
export interface VariableValues {
  /** The array behind a variable, made at the first time; `own` gives it one that exists. */
  array(variable: tf.Variable, own?: PortArray): PortArray;
  /** Notes that a session or update has changed the arrays of these variables. */
  changed(variables: Iterable<tf.Variable>): void;
  pull(): Promise<void>;
  push(): void;
}

interface Entry {
  array: PortArray;
  /** The variable's data when array and variable were last equal. */
  dataId: object | undefined;
  isChanged: boolean;
}

export function createVariableValues(): VariableValues {
  const entries = new Map<tf.Variable, Entry>();
  return {
    array(variable, own) {
      const { shape, dtype } = variable;
      const known = entries.get(variable);
      if (known) return known.array;
      const array = own ?? arrayFor({ shape, dtype: dtype as 'float32' });
      entries.set(variable, { array, dataId: undefined, isChanged: false });
      return array;
    },
    changed(variables) {
      for (const variable of variables) entries.get(variable)!.isChanged = true;
    },
    async pull() {
      for (const [variable, entry] of entries) {
        if (variable.dataId === entry.dataId) continue;
        entry.array.set(await variable.data());
        entry.dataId = variable.dataId;
        entry.isChanged = false;
      }
    },
    push() {
      for (const [variable, entry] of entries) {
        // What somebody else has assigned since is newer, and the next `pull` takes it over.
        if (!entry.isChanged || variable.dataId !== entry.dataId) continue;
        // A copy: backends may keep the array that they are given, and this one changes with the next step.
        tf.tidy(() => variable.assign(tf.tensor(entry.array.slice() as Float32Array, variable.shape, variable.dtype)));
        entry.dataId = variable.dataId;
        entry.isChanged = false;
      }
    },
  };
}

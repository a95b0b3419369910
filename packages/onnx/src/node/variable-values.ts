import * as tf from '@tensorflow/tfjs-core';
import { arrayFor, type PortArray } from './open-session.ts';

/**
 * Values of TF.js variables in arrays that sessions read and write, kept equal both ways: `pull` takes over what somebody
 * has assigned to a variable since, `push` assigns what a session has made of the array.
 */
export interface VariableValues {
  /** The array behind a variable, to be written as well; made at the first time, `own` gives it one that exists. */
  array(variable: tf.Variable, own?: PortArray): PortArray;
  /**
   * For who only reads: told which array it is, and again when it becomes another. Without an array of its own the variable's
   * data is read where the backend has it, so that a teacher's weights are in memory once.
   */
  read(variable: tf.Variable, use: (array: PortArray) => void): void;
  /** Notes that a session or update has changed the arrays of these variables. */
  changed(variables: Iterable<tf.Variable>): void;
  pull(): Promise<void>;
  push(): void;
}

interface Entry {
  /** Undefined before the first `pull` of what is only read. */
  array: PortArray | undefined;
  /** Whether the array is the backend's, which nobody may write to. */
  isBorrowed: boolean;
  readers: ((array: PortArray) => void)[];
  /** The variable's data when array and variable were last equal. */
  dataId: object | undefined;
  isChanged: boolean;
}

const emptyArray = ({ shape, dtype }: tf.Variable): PortArray => arrayFor({ shape, dtype: dtype as 'float32' });

export function createVariableValues(): VariableValues {
  const entries = new Map<tf.Variable, Entry>();

  function entryOf(variable: tf.Variable, array: PortArray | undefined): Entry {
    const isBorrowed = array === undefined;
    const made = { array, isBorrowed, readers: [], dataId: undefined, isChanged: false };
    const entry: Entry = entries.get(variable) ?? made;
    entries.set(variable, entry);
    return entry;
  }

  function give(entry: Entry, array: PortArray): void {
    entry.array = array;
    for (const use of entry.readers) use(array);
  }

  return {
    array(variable, own) {
      const entry = entries.get(variable) ?? entryOf(variable, own ?? emptyArray(variable));
      if (entry.isBorrowed) {
        entry.isBorrowed = false;
        give(entry, entry.array?.slice() ?? emptyArray(variable));
      }
      return entry.array!;
    },
    read(variable, use) {
      const entry = entryOf(variable, undefined);
      entry.readers.push(use);
      if (entry.array) use(entry.array);
    },
    changed(variables) {
      for (const variable of variables) entries.get(variable)!.isChanged = true;
    },
    async pull() {
      for (const [variable, entry] of entries) {
        if (variable.dataId === entry.dataId) continue;
        const data = (await variable.data()) as PortArray;
        if (entry.isBorrowed) give(entry, data);
        else entry.array!.set(data);
        entry.dataId = variable.dataId;
        entry.isChanged = false;
      }
    },
    push() {
      for (const [variable, entry] of entries) {
        // What somebody else has assigned since is newer, and the next `pull` takes it over.
        if (!entry.isChanged || variable.dataId !== entry.dataId) continue;
        // A copy: backends may keep the array that they are given, and this one changes with the next step.
        tf.tidy(() => variable.assign(tf.tensor(entry.array!.slice() as Float32Array, variable.shape, variable.dtype)));
        entry.dataId = variable.dataId;
        entry.isChanged = false;
      }
    },
  };
}

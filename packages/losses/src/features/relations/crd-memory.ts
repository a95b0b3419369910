import * as tf from '@tensorflow/tfjs-core';
import type { ConnectorVariable } from '../../connectors/connector.ts';
import { checkTensor } from '../../internal/checks.ts';
import { count, draft } from '../../internal/layers.ts';
import { share } from '../../internal/options.ts';
import { unit } from '../../internal/unit.ts';

export interface CrdMemoryOptions {
  /** Of the training set. */
  samples: number;
  /** Width of the embeddings. @default 128 */
  features?: number;
  /** How much of a row stays when its sample comes by, in [0, 1]. @default 0.5 */
  momentum?: number;
  /** Begins the names of its variables. @default 'crd' */
  name?: string;
  /** The same seed and name give the same rows to begin with. A whole number. @default 0 */
  seed?: number;
}

/** What is remembered of one side. */
export interface CrdBank {
  /** float32 [samples, features], each of length 1. */
  readonly rows: tf.Variable<tf.Rank.R2>;
  /** float32 [1], the constant Z for embeddings of the other side; 0 as long as it is not known. */
  readonly Z: tf.Variable<tf.Rank.R1>;
}

/** What `crdLoss` remembers of the training set. */
export interface CrdMemory {
  readonly student: CrdBank;
  readonly teacher: CrdBank;
  /**
   * All of it, for checkpoints: none is trainable. A training that goes on with these values goes on to the last bit.
   */
  readonly variables: readonly ConnectorVariable[];
  /**
   * Moves the rows of a batch towards its embeddings: `row = unit(momentum * row + (1 - momentum) * embedding)`. For
   * after `crdLoss`, with the same arguments, once a step; inside of the function that is differentiated or behind it.
   */
  update(studentEmbedding: tf.Tensor2D, teacherEmbedding: tf.Tensor2D, indices: tf.Tensor2D, mask?: tf.Tensor1D): void;
  /** Frees the variables. */
  dispose(): void;
}

/**
 * The memory of `crdLoss`: an embedding of every sample of the training set, from the last time that it came by, for
 * the student and for the teacher; and the constants Z.
 *
 * Variables: `<name>/student/rows` and `<name>/teacher/rows` [samples, features], in random directions at first;
 * `<name>/student/Z` and `<name>/teacher/Z`, which the first `crdLoss` sets. They are tensors on the backend, and an
 * update replaces them: for 50 000 samples of 128 features 26 MB and some 15 ms each on WebAssembly. Their number does
 * not grow.
 *
 * The indices of a batch must differ from each other, but for those of rows that are masked.
 *
 * @throws {KdError} INVALID_ARGUMENT if an option is missing or out of range
 *
 * @example
 * import { crdMemory } from '@kd/losses';
 * const memory = crdMemory({ samples: 1000, features: 16 });
 * console.log(memory.variables.map(({ name }) => name).slice(0, 2)); // [ 'crd/student/rows', 'crd/student/Z' ]
 */
export function crdMemory(options: CrdMemoryOptions): CrdMemory {
  const caller = 'crdMemory';
  const { samples, features = 128, momentum = 0.5 } = options;
  const parts = draft(caller, { name: 'crd', ...options }, ['samples'], { features: count, momentum: share });
  const bank = (side: string): CrdBank => {
    const rows = parts.uniform(`${side}/rows`, [samples, features], 1) as tf.Variable<tf.Rank.R2>;
    tf.tidy(() => rows.assign(unit<tf.Tensor2D>(rows, 1)));
    return { rows, Z: parts.constant(`${side}/Z`, 1, 0) };
  };
  const [student, teacher] = [bank('student'), bank('teacher')];
  const variables = parts.variables.map((each) => {
    each.variable.trainable = false;
    return { ...each, trainable: false };
  });

  function move(rows: tf.Variable<tf.Rank.R2>, embedding: tf.Tensor2D, at: tf.Tensor2D, mask?: tf.Tensor1D): void {
    const old = tf.gather(rows, tf.squeeze<tf.Tensor1D>(at, [1]));
    const moved = unit(tf.add(tf.mul(old, momentum), tf.mul(embedding, 1 - momentum)), 1);
    const step = tf.sub(moved, old);
    // Added, not put in place: what pads a batch may name one of its samples again, and adds nothing to it.
    const steps = mask ? tf.where(tf.expandDims(mask, 1), step, 0) : step;
    rows.assign(tf.add(rows, tf.scatterND(at, steps, rows.shape)));
  }

  return {
    student,
    teacher,
    variables,
    update(studentEmbedding, teacherEmbedding, indices, mask) {
      const of = 'crdMemory.update';
      const batch = studentEmbedding?.shape?.[0] ?? 'batch';
      checkTensor(of, 'studentEmbedding', studentEmbedding, 'float32', [batch, features]);
      checkTensor(of, 'teacherEmbedding', teacherEmbedding, 'float32', [batch, features]);
      checkTensor(of, 'indices', indices, 'int32', [batch, indices?.shape?.[1] ?? '1 + negatives']);
      if (mask) checkTensor(of, 'mask', mask, 'bool', [batch]);
      tf.tidy(() => {
        const at = tf.slice(indices, [0, 0], [-1, 1]);
        move(student.rows, studentEmbedding, at, mask);
        move(teacher.rows, teacherEmbedding, at, mask);
      });
    },
    dispose() {
      for (const { variable } of variables) if (!variable.isDisposed) variable.dispose();
    },
  };
}

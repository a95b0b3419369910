import '@tensorflow/tfjs-layers'; // registers the gradients of TF.js' ops
import { crossEntropy } from '@kd/losses';
import { median } from '@kd-bench/common';
import * as tf from '@tensorflow/tfjs-core';
import type { Group, Inputs, Prepare } from './losses.ts';

/** What one loss came to on one backend. */
interface LossTime {
  name: string;
  /** Milliseconds of a value and its gradient. */
  ms: number;
  /** How many times as long as `crossEntropy` on a tensor of that size. */
  ratio: number;
}

export interface GroupTimes {
  /** Of `crossEntropy`, milliseconds. */
  unitMs: number;
  losses: LossTime[];
}

export interface MeasureOptions {
  rounds: number;
  /** A round repeats a loss that is faster than this many milliseconds. */
  atLeastMs: number;
}

/** For losses of which one call takes longer than a round should. */
const FEW_ROUNDS = 3;

type Loss = (student: tf.Tensor) => tf.Scalar;

function makeInputs(shape: readonly number[]): Inputs {
  const [batch = 1] = shape;
  const classes = shape.at(-1)!;
  return {
    student: tf.randomNormal([...shape], 0, 3, 'float32', 1),
    teacher: tf.randomNormal([...shape], 0, 3, 'float32', 2),
    labels: tf.tensor1d(
      Array.from({ length: batch }, (_, i) => (i * 7) % classes),
      'int32',
    ),
  };
}

/** Value and gradient, both read back: only then a backend has surely computed them. */
function step(loss: Loss, student: tf.Tensor): void {
  const { value, grad } = tf.valueAndGrad(loss as (x: tf.Tensor) => tf.Tensor)(student);
  value.dataSync();
  grad.dataSync();
  tf.dispose([value, grad]);
}

function milliseconds(loss: Loss, student: tf.Tensor): number {
  const start = performance.now();
  step(loss, student);
  return performance.now() - start;
}

/** Asserts that a loss leaves nothing behind, and calls it until it is compiled. Returns how many calls that were. */
function warmUp(name: string, loss: Loss, student: tf.Tensor, forMs: number): number {
  step(loss, student);
  const tensors = tf.memory().numTensors;
  let calls = 0;
  const start = performance.now();
  do {
    step(loss, student);
    calls++;
  } while (performance.now() - start < forMs);
  const left = tf.memory().numTensors - tensors;
  if (left !== 0) throw new Error(`${name} leaves ${left / calls} tensors behind at each call`);
  return calls;
}

/** Both by turns, ABABAB…, call by call: whatever else the machine does falls on both. Medians of the calls. */
function pair(unit: Loss, loss: Loss, student: tf.Tensor, calls: number): { unitMs: number; ms: number } {
  const laps = Array.from({ length: calls }, () => ({
    unitMs: milliseconds(unit, student),
    ms: milliseconds(loss, student),
  }));
  return { unitMs: median(laps.map(({ unitMs }) => unitMs)), ms: median(laps.map(({ ms }) => ms)) };
}

/** Times each loss of a group beside the unit. A ratio is taken in each round, and the median of them is kept. */
export function measureGroup({ shape, losses }: Group, { rounds, atLeastMs }: MeasureOptions): GroupTimes {
  const engine = tf.engine();
  const variables = new Set(Object.values(engine.registeredVariables));
  engine.startScope();
  try {
    const inputs = makeInputs(shape);
    const { student, labels } = inputs;
    const unit: Loss = (x) => tf.tidy(() => crossEntropy(tf.reshape(x, [shape[0]!, -1]), labels));
    warmUp('crossEntropy', unit, student, 10 * atLeastMs);
    const units: number[] = [];
    const times = Object.entries(losses).map(([name, prepare]) => {
      const loss = (prepare as Prepare<tf.Tensor>)(inputs);
      const calls = warmUp(name, loss, student, atLeastMs);
      const length = calls === 1 ? Math.min(rounds, FEW_ROUNDS) : rounds;
      const pairs = Array.from({ length }, () => pair(unit, loss, student, calls));
      units.push(...pairs.map(({ unitMs }) => unitMs));
      return {
        name,
        ms: median(pairs.map(({ ms }) => ms)),
        ratio: median(pairs.map(({ ms, unitMs }) => ms / unitMs)),
      };
    });
    return { unitMs: median(units), losses: times };
  } finally {
    engine.endScope();
    tf.dispose(Object.values(engine.registeredVariables).filter((variable) => !variables.has(variable)));
  }
}

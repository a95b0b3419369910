import * as tf from '@tensorflow/tfjs-core';

type Rows = Float64Array[];

const rowsOf = (tensor: tf.Tensor): Rows => {
  const [rows, width] = tensor.shape as [number, number];
  const values = Float64Array.from(tensor.dataSync());
  return Array.from({ length: rows }, (_, i) => values.subarray(i * width, (i + 1) * width));
};

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, each, i) => sum + each * b[i]!, 0);
const turned = (rows: Rows): Rows => Array.from(rows[0]!, (_, j) => Float64Array.from(rows, (row) => row[j]!));
const product = (a: Rows, b: Rows): Rows => a.map((row) => Float64Array.from(turned(b), (column) => dot(row, column)));

/**
 * What `KdAttentionGrad` gives, computed in doubles, for one head after the other: the gradient of softmax takes a mean off,
 * and where that cancels, float32 on both sides of a comparison would be twice as far apart.
 *
 * `dV = P' dY`, `dS = P (dY V' - the mean of that by P)`, `dQ = scale dS K`, `dK = scale dS' Q`
 *
 * @param ins of the kernel, `saved0` the weights P
 */
export function attentionGradientReference(ins: Readonly<Record<string, tf.Tensor>>, scale: number): tf.Tensor[] {
  const { query, key, value } = ins as { query: tf.Tensor; key: tf.Tensor; value: tf.Tensor };
  const heads = (tensor: tf.Tensor): Rows[] =>
    tf.unstack(tf.reshape(tensor, [-1, ...tensor.shape.slice(-2)])).map(rowsOf);
  const [dy, q, k, v, weights] = [ins.dy!, query, key, value, ins.saved0!].map(heads) as [
    Rows[],
    Rows[],
    Rows[],
    Rows[],
    Rows[],
  ];
  const gradients = weights.map((p, head) => {
    const dp = product(dy[head]!, turned(v[head]!));
    const ds = dp.map((row, i) => row.map((each, j) => scale * p[i]![j]! * (each - dot(row, p[i]!))));
    return [product(ds, k[head]!), product(turned(ds), q[head]!), product(turned(p), dy[head]!)];
  });
  return [query, key, value].map(({ shape }, i) =>
    tf.tensor(
      gradients.flatMap((each) => each[i]!.flatMap((row) => Array.from(row))),
      shape,
      'float32',
    ),
  );
}

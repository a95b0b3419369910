import type { Emitter, FormTable, Name } from '../lowering.ts';

/** A filter as TF.js has it, [height, width, inputs, outputs], with its taps on one axis: [taps, inputs, outputs]. */
interface Filter {
  data: Name;
  height: number;
  width: number;
  taps: number;
  inputs: number;
  outputs: number;
}

/**
 * Forms of filters, all made in the graph from TF.js' [height, width, inputs, outputs]. Depthwise ones are
 * [height, width, channels, multiplier] there.
 *
 * - `dense`: [O, I, h, w].
 * - `dense.gradient`: of the input gradient as a convolution, [I, O, h, w] with the taps reversed.
 * - `dense.blocked`, `dense.blocked.gradient`: the same two in ONNX Runtime's blocks, [Op, Ip, h, w] stored [Op / b, Ip / b, h, w, bi, bo].
 * - `dense.blocked.few`: for fewer input channels than a block, which come as NCHW: [Op, I, h, w] stored [Op / b, I, h, w, bo].
 * - `depthwise`, `depthwise.gradient`: [C m, 1, h, w].
 * - `depthwise.blocked`, `depthwise.blocked.gradient`: [Cp, 1, h, w] stored [Cp / b, 1, h, w, b]; multiplier 1 only.
 */
export const filterForms: FormTable = {
  dense: ofFilter((emitter, { data, height, width, inputs, outputs }) =>
    emitter.reshape(emitter.transpose(data, [2, 1, 0]), [outputs, inputs, height, width]),
  ),
  'dense.gradient': ofFilter((emitter, filter) =>
    emitter.reshape(emitter.transpose(reversed(emitter, filter), [1, 2, 0]), [
      filter.inputs,
      filter.outputs,
      filter.height,
      filter.width,
    ]),
  ),
  'dense.blocked': ofFilter((emitter, filter) => {
    const { block } = emitter.target;
    const [inputs, outputs] = [emitter.padded(filter.inputs), emitter.padded(filter.outputs)];
    const [rows, columns] = [inputs / block, outputs / block];
    const lines = emitter.reshape(inBlocks(emitter, filter), [filter.taps * rows, block, columns, block]);
    const blocks = emitter.transpose(lines, [0, 2, 1, 3]); // one axis moves, for which Transpose has a fast way
    const order: number[] = [];
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows; row++) {
        for (let tap = 0; tap < filter.taps; tap++) order.push((tap * rows + row) * columns + column);
      }
    }
    return emitter.reshape(moveBlocks(emitter, blocks, order), [outputs, inputs, filter.height, filter.width]);
  }),
  'dense.blocked.gradient': ofFilter((emitter, filter) => {
    const { block } = emitter.target;
    const [inputs, outputs] = [emitter.padded(filter.inputs), emitter.padded(filter.outputs)];
    const [rows, columns] = [inputs / block, outputs / block];
    const order: number[] = [];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let tap = filter.taps - 1; tap >= 0; tap--) order.push((tap * rows + row) * columns + column);
      }
    }
    const moved = moveBlocks(emitter, turnBlocks(emitter, filter), order);
    return emitter.reshape(moved, [inputs, outputs, filter.height, filter.width]);
  }),
  'dense.blocked.few': ofFilter((emitter, { data, height, width, taps, inputs, outputs }) => {
    const lanes = emitter.padded(outputs);
    const { block } = emitter.target;
    const padded = emitter.reshape(emitter.pad(data, [0, 0, 0], [0, 0, lanes - outputs]), [
      taps,
      inputs,
      lanes / block,
      block,
    ]);
    return emitter.reshape(emitter.transpose(padded, [2, 1, 0, 3]), [lanes, inputs, height, width]);
  }),
  depthwise: ofFilter((emitter, filter) => depthwise(emitter, filter, filter.data)),
  'depthwise.gradient': ofFilter((emitter, filter) => depthwise(emitter, filter, reversed(emitter, filter))),
  'depthwise.blocked': ofFilter((emitter, filter) => depthwiseBlocked(emitter, filter, filter.data)),
  'depthwise.blocked.gradient': ofFilter((emitter, filter) =>
    depthwiseBlocked(emitter, filter, reversed(emitter, filter)),
  ),
};

function ofFilter(make: (emitter: Emitter, filter: Filter) => Name): FormTable[string] {
  return (emitter, value) => {
    const [height, width, inputs, outputs] = value.shape as [number, number, number, number];
    const taps = height * width;
    const data = emitter.reshape(emitter.get(value), [taps, inputs, outputs]);
    return make(emitter, { data, height, width, taps, inputs, outputs });
  };
}

function reversed(emitter: Emitter, { data, taps }: Filter): Name {
  if (taps === 1) return data;
  const order = Array.from({ length: taps }, (_, i) => taps - 1 - i);
  return emitter.op('Gather', [data, emitter.int64s(order)], { axis: 0 });
}

/** [taps, I, O] filled up with zeros to [taps, Ip / b, bi, Op / b, bo]. */
function inBlocks(emitter: Emitter, { data, taps, inputs, outputs }: Filter): Name {
  const { block } = emitter.target;
  const [rows, columns] = [emitter.padded(inputs), emitter.padded(outputs)];
  const padded = emitter.pad(data, [0, 0, 0], [0, rows - inputs, columns - outputs]);
  return emitter.reshape(padded, [taps, rows / block, block, columns / block, block]);
}

/**
 * [taps Ip / b Op / b, bo, bi]: every block turned. ONNX Runtime's Transpose runs on one core; a batched product with the identity
 * runs on all, and is exact.
 */
function turnBlocks(emitter: Emitter, filter: Filter): Name {
  const { block } = emitter.target;
  const [rows, columns] = [emitter.padded(filter.inputs), emitter.padded(filter.outputs)];
  const blockRows = emitter.reshape(inBlocks(emitter, filter), [(filter.taps * rows) / block, block, columns]);
  return emitter.matMul(blockRows, identity(emitter), { transposeA: true });
}

function identity(emitter: Emitter): Name {
  const { block } = emitter.target;
  const values = new Float32Array(block * block);
  for (let i = 0; i < block; i++) values[i * block + i] = 1;
  return emitter.constant(values, [block, block]);
}

/** Whole blocks in another order. */
function moveBlocks(emitter: Emitter, blocks: Name, order: readonly number[]): Name {
  const { block } = emitter.target;
  const flat = emitter.reshape(blocks, [order.length, block ** 2]);
  if (order.every((from, to) => from === to)) return flat;
  return emitter.op('Gather', [flat, emitter.int64s(order)], { axis: 0 });
}

function depthwise(emitter: Emitter, { height, width, taps, inputs, outputs }: Filter, data: Name): Name {
  const channels = inputs * outputs;
  const flat = emitter.reshape(data, [taps, channels]);
  return emitter.reshape(emitter.transpose(flat, [1, 0]), [channels, 1, height, width]);
}

function depthwiseBlocked(emitter: Emitter, { height, width, taps, inputs }: Filter, data: Name): Name {
  const { block } = emitter.target;
  const lanes = emitter.padded(inputs);
  const padded = emitter.pad(emitter.reshape(data, [taps, inputs]), [0, 0], [0, lanes - inputs]);
  const moved = emitter.transpose(emitter.reshape(padded, [taps, lanes / block, block]), [1, 0, 2]);
  return emitter.reshape(moved, [lanes, 1, height, width]);
}

import { KdError } from '@kd/core';
import type { Name } from '../lower/lowering.ts';
import { isEqual } from '../lower/onnx-builder.ts';
import type { OnnxConstant, OnnxModel, OnnxNode, OnnxPort } from '../onnx-file/onnx-model.ts';

/** A model that was lowered for one size of the batch. */
export interface BatchModel {
  batch: number;
  model: OnnxModel;
}

/** A size that grows with the batch: `factor batch + offset`. */
interface Size {
  factor: number;
  offset: number;
}

const BATCH = 'batch';

function dependsOnBatch(what: string, details: Record<string, unknown>): KdError {
  const message = `toOnnx: ${what} depends on the batch size, and not as a size that grows with it; a file for any batch cannot say that. Make the model treat each image alike`;
  return new KdError('UNSUPPORTED', message, details);
}

/** The size that gives these numbers at these batches. */
function sizeOf(values: readonly number[], models: readonly BatchModel[]): Size {
  const [first, second] = models as readonly [BatchModel, BatchModel];
  const factor = (values[1]! - values[0]!) / (second.batch - first.batch);
  const size = { factor, offset: values[0]! - factor * first.batch };
  if (!Number.isInteger(factor) || models.some(({ batch }, i) => factor * batch + size.offset !== values[i])) {
    throw dependsOnBatch(`a size (${values.join(', ')} at batches of ${models.map(({ batch }) => batch).join(', ')})`, {
      values,
    });
  }
  return size;
}

/** Nodes that compute sizes when the model runs: `batch` is read off the input's shape. */
class SizeNodes {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  private batch: Name | undefined;
  private readonly input: Name;

  constructor(input: Name) {
    this.input = input;
  }

  private constant(values: readonly number[]): Name {
    const name = `size_${values.join('_')}`;
    if (!this.constants.some((each) => each.name === name)) {
      this.constants.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    }
    return name;
  }

  private node(op: string, ins: readonly Name[], attributes: OnnxNode['attributes'] = {}): Name {
    const out = `size${this.nodes.length}`;
    this.nodes.push({ op, domain: '', ins, outs: [out], attributes, label: `${op}:${out}` });
    return out;
  }

  private one({ factor, offset }: Size): Name {
    if (factor === 0) return this.constant([offset]);
    this.batch ??= this.node('Gather', [this.node('Shape', [this.input]), this.constant([0])]);
    const grown = factor === 1 ? this.batch : this.node('Mul', [this.batch, this.constant([factor])]);
    return offset === 0 ? grown : this.node('Add', [grown, this.constant([offset])]);
  }

  shape(sizes: readonly Size[]): Name {
    const parts = sizes.map((size) => this.one(size));
    return parts.length === 1 ? parts[0]! : this.node('Concat', parts, { axis: 0 });
  }
}

const describeNode = ({ op, ins, outs, attributes }: OnnxNode): string => JSON.stringify([op, ins, outs, attributes]);

function portOf(ports: readonly OnnxPort[], models: readonly BatchModel[]): OnnxPort {
  const port = ports[0]!;
  const shape = port.shape.map((each, axis) => {
    const values = ports.map((other) => other.shape[axis] as number);
    if (values.every((value) => value === each)) return each;
    const { factor, offset } = sizeOf(values, models);
    if (factor !== 1 || offset !== 0) throw dependsOnBatch(`the shape of '${port.name}'`, { shapes: values });
    return BATCH;
  });
  return { ...port, shape };
}

/**
 * One model for any batch, of models of the same function for batches of several sizes: they differ only in constants that
 * are shapes, and those are computed from the input's.
 *
 * @param models at least three, of sizes that occur nowhere else in the model: large primes
 * @throws {KdError} UNSUPPORTED if they differ in anything else
 */
export function mergeBatches(models: readonly BatchModel[]): OnnxModel {
  const [first, ...others] = models.map(({ model }) => model) as [OnnxModel, ...OnnxModel[]];
  for (const other of others) {
    const at = first.nodes.findIndex((node, i) => describeNode(node) !== describeNode(other.nodes[i]!));
    if (other.nodes.length !== first.nodes.length || at >= 0) {
      throw dependsOnBatch(`the graph (at ${first.nodes[at]?.label ?? 'its end'})`, { node: first.nodes[at]?.label });
    }
  }
  const sizeNodes = new SizeNodes(first.inputs[0]!.name);
  const replaced = new Map<Name, { inReshape: Name | undefined; anywhere: () => Name }>();
  const constants: OnnxConstant[] = [];
  for (const [i, constant] of first.constants.entries()) {
    const same = models.map(({ model }) => model.constants[i]!);
    if (same.every(({ data }) => isEqual(data, constant.data))) {
      constants.push(constant);
      continue;
    }
    if (!(constant.data instanceof BigInt64Array)) throw dependsOnBatch('a constant', { shape: constant.shape });
    const sizes = Array.from(constant.data, (_, at) =>
      sizeOf(
        same.map(({ data }) => Number(data[at])),
        models,
      ),
    ); // prettier-ignore
    const open = sizes.filter(({ factor }) => factor !== 0).length;
    const inReshape = open === 1 ? `${constant.name}_open` : undefined;
    if (inReshape !== undefined) {
      const data = BigInt64Array.from(sizes, ({ factor, offset }) => BigInt(factor === 0 ? offset : -1));
      constants.push({ name: inReshape, shape: constant.shape, data });
    }
    replaced.set(constant.name, { inReshape, anywhere: () => sizeNodes.shape(sizes) });
  }
  const nodes = first.nodes.map((node) => {
    const ins = node.ins.map((name, at) => {
      const size = replaced.get(name);
      if (!size) return name;
      return node.op === 'Reshape' && at === 1 && size.inReshape !== undefined ? size.inReshape : size.anywhere();
    });
    return { ...node, ins };
  });
  const all = [...sizeNodes.nodes, ...nodes];
  const used = new Set(all.flatMap(({ ins }) => ins));
  return {
    nodes: all,
    constants: [...constants, ...sizeNodes.constants].filter(({ name }) => used.has(name)),
    inputs: first.inputs.map((_, i) =>
      portOf(
        models.map(({ model }) => model.inputs[i]!),
        models,
      ),
    ), // prettier-ignore
    outputs: first.outputs.map((_, i) =>
      portOf(
        models.map(({ model }) => model.outputs[i]!),
        models,
      ),
    ), // prettier-ignore
  };
}

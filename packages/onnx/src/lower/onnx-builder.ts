import {
  type ConstantData,
  elementType,
  type OnnxConstant,
  type OnnxModel,
  type OnnxNode,
  type OnnxPort,
} from '../onnx-file/onnx-model.ts';
import type { Attribute, Name } from './lowering.ts';

/** A key that tells attributes apart; JSON alone writes NaN and the infinities all as null, and -0 as 0. */
const keyOf = (parts: unknown): string =>
  JSON.stringify(parts, (_, value: unknown) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? `number ${Object.is(value, -0) ? '-0' : value}`
      : value,
  );

const bytesOf = (data: ConstantData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** FNV-1a; for large data of a few thousand bytes, evenly spread: equal hashes are compared in full anyway. */
function hash(bytes: Uint8Array): number {
  const stride = Math.max(1, Math.floor(bytes.length / 4096));
  let state = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i += stride) state = Math.imul(state ^ bytes[i]!, 0x01000193);
  return state >>> 0;
}

/** Whether two constants hold the same, byte for byte. */
export function isEqual(one: ConstantData, other: ConstantData): boolean {
  const [a, b] = [bytesOf(one), bytesOf(other)];
  return one === other || (a.length === b.length && a.every((value, i) => value === b[i]));
}

/**
 * ONNX Runtime does not run nodes in the order of the file: it takes those whose outputs no other node reads, the last one
 * first, and before each what that one needs. As they are made the last one is the gradient of the first layer, and the
 * gradients of all other layers' outputs would wait in memory until it is done. So these nodes come last and backwards.
 */
function inOrder(nodes: readonly OnnxNode[]): OnnxNode[] {
  const read = new Set(nodes.flatMap(({ ins }) => ins));
  const isRead = ({ outs }: OnnxNode): boolean => outs.some((name) => read.has(name));
  return [...nodes.filter(isRead), ...nodes.filter((node) => !isRead(node)).reverse()];
}

/** Collects the nodes and constants of an ONNX graph. Equal ones are shared; those that no output needs are left out. */
export class OnnxBuilder {
  /** What the next nodes are made for: the first part of their label. */
  purpose = '';
  private readonly nodes: OnnxNode[] = [];
  private readonly constants: OnnxConstant[] = [];
  private readonly namesOfNodes = new Map<string, Name[]>();
  private readonly constantsByHash = new Map<string, OnnxConstant[]>();
  private made = 0;

  node(
    count: number,
    op: string,
    ins: readonly Name[],
    attributes: Readonly<Record<string, Attribute>>,
    domain: string,
  ): Name[] {
    const key = keyOf([op, domain, ins, attributes, count]);
    const known = this.namesOfNodes.get(key);
    if (known) return known;
    const outs = Array.from({ length: count }, () => `v${this.made++}`);
    this.nodes.push({ op, domain, ins, outs, attributes, label: `${this.purpose}:${outs[0]}` });
    this.namesOfNodes.set(key, outs);
    return outs;
  }

  constant(data: ConstantData, shape: readonly number[]): Name {
    const bytes = bytesOf(data);
    const key = `${elementType(data)} ${shape} ${hash(bytes)}`;
    const alike = this.constantsByHash.get(key) ?? [];
    this.constantsByHash.set(key, alike);
    const known = alike.find((each) => isEqual(each.data, data));
    if (known) return known.name;
    const constant = { name: `c${this.constants.length}`, shape, data };
    alike.push(constant);
    this.constants.push(constant);
    return constant.name;
  }

  /** @param outputs what each output is called inside of the graph */
  finish(inputs: readonly OnnxPort[], outputs: readonly (OnnxPort & { inner: Name })[]): OnnxModel {
    const wanted = new Set(outputs.map(({ inner }) => inner));
    const live = [...this.nodes].reverse().filter(({ outs, ins }) => {
      const isLive = outs.some((name) => wanted.has(name));
      if (isLive) for (const name of ins) wanted.add(name);
      return isLive;
    });
    const made = new Set(live.flatMap(({ outs }) => outs));
    const renamed = new Map<Name, Name>();
    const copies: OnnxNode[] = [];
    for (const { name, inner } of outputs) {
      if (made.has(inner) && !renamed.has(inner)) {
        renamed.set(inner, name);
        continue;
      }
      // An input, a constant, or what another output is already.
      const ins = [renamed.get(inner) ?? inner];
      copies.push({ op: 'Identity', domain: '', ins, outs: [name], attributes: {}, label: `output:${name}` });
    }
    const named = (name: Name): Name => renamed.get(name) ?? name;
    const nodes = live.reverse().map((node) => ({ ...node, ins: node.ins.map(named), outs: node.outs.map(named) }));
    return {
      nodes: [...inOrder(nodes), ...copies],
      constants: this.constants.filter(({ name }) => wanted.has(name)),
      inputs,
      outputs: outputs.map(({ name, shape, type }) => ({ name, shape, type })),
    };
  }
}

import { sameShape } from '../graph/constants.ts';
import type { Geometry, Graph, GraphOutput, Node, Value } from '../graph/graph.ts';
import { copyGraph } from './copy-graph.ts';
import { refresh } from './refresh.ts';

/** What a new output looks like: any value of the same shape and type will do. */
type Like = Pick<Value, 'shape' | 'dtype'>;

/** A copy of a graph that rules change; it knows who reads what. */
export class GraphEditor {
  /** Those that are alive; new ones are visited by a loop that is under way. */
  readonly nodes: Set<Node>;
  private readonly inputs: Graph['inputs'];
  private readonly outputs: GraphOutput[];
  private readonly users = new Map<Value, Set<Node | GraphOutput>>();

  constructor(graph: Graph) {
    const { nodes, inputs, outputs } = copyGraph(graph);
    this.nodes = new Set(nodes);
    this.inputs = inputs;
    this.outputs = outputs;
    for (const node of nodes) for (const value of Object.values(node.ins)) this.usersOf(value).add(node);
    for (const output of outputs) this.usersOf(output.value).add(output);
  }

  private usersOf(value: Value): Set<Node | GraphOutput> {
    let users = this.users.get(value);
    if (!users) {
      users = new Set();
      this.users.set(value, users);
    }
    return users;
  }

  /** The nodes that read a value. */
  readersOf(value: Value): Node[] {
    return [...this.usersOf(value)].filter((user): user is Node => 'op' in user);
  }

  /** Whether nothing but this node reads the value. */
  isOnlyReader(node: Node, value: Value): boolean {
    const users = this.usersOf(value);
    return users.size === 1 && users.has(node);
  }

  /** Whether these nodes, each of them, and nothing else read the value. */
  areReaders(value: Value, nodes: readonly Node[]): boolean {
    const users = this.usersOf(value);
    return users.size === new Set(nodes).size && nodes.every((node) => users.has(node));
  }

  /** Adds a node with outputs of these shapes. */
  add(op: string, attrs: object, ins: Record<string, Value>, like: readonly Like[], geometry?: Geometry): Node {
    const node: Node = { op, attrs: attrs as Node['attrs'], ins, outs: [], ...(geometry ? { geometry } : {}) };
    node.outs = like.map(({ shape, dtype }, index) => ({ shape, dtype, node, index }));
    for (const value of Object.values(ins)) this.usersOf(value).add(node);
    this.nodes.add(node);
    return node;
  }

  /** The output of a new node that has one. */
  make(op: string, ins: Record<string, Value>, like: Like, attrs: object = {}): Value {
    return this.add(op, attrs, ins, [like]).outs[0]!;
  }

  /** The value in another shape; itself if it has that one. */
  reshape(x: Value, shape: readonly number[]): Value {
    return sameShape(x.shape, shape) ? x : this.make('Reshape', { x }, { shape, dtype: x.dtype }, { shape });
  }

  /** Has all readers of a value read another one. */
  replace(old: Value, by: Value): void {
    for (const user of [...this.usersOf(old)]) {
      if ('op' in user) {
        for (const name of Object.keys(user.ins)) if (user.ins[name] === old) user.ins[name] = by;
      } else {
        user.value = by;
      }
      this.usersOf(by).add(user);
    }
    this.usersOf(old).clear();
    if (old.node) this.removeIfUnread(old.node);
  }

  /** Gives a node other inputs. */
  setInputs(node: Node, ins: Record<string, Value>): void {
    const before = Object.values(node.ins);
    node.ins = ins;
    for (const value of Object.values(ins)) this.usersOf(value).add(node);
    for (const value of before) this.release(node, value);
  }

  private release(node: Node, value: Value): void {
    if (Object.values(node.ins).includes(value)) return;
    this.usersOf(value).delete(node);
    if (value.node) this.removeIfUnread(value.node);
  }

  private removeIfUnread(start: Node): void {
    const waiting = [start];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if (!this.nodes.has(node) || node.outs.some((value) => this.usersOf(value).size > 0)) continue;
      this.nodes.delete(node);
      for (const value of Object.values(node.ins)) {
        this.usersOf(value).delete(node);
        if (value.node) waiting.push(value.node);
      }
    }
  }

  finish(): Graph {
    return refresh({ nodes: [...this.nodes], inputs: this.inputs, outputs: this.outputs });
  }
}

import { attributeKey } from '../graph/attribute-key.ts';
import type { Value } from '../graph/graph.ts';
import type { GraphEditor } from './graph-editor.ts';

/** Constants of more elements are told apart by who they are. */
const LARGEST_COMPARED = 16;

/**
 * Leaves one of several nodes that compute the same: kernels have no state. Rules then see that a value is read twice, such as
 * the padded image of a pool and of its gradient.
 */
export function shareEqualNodes(editor: GraphEditor): void {
  const names = new Map<Value, number>();
  const constants = new Map<string, Value>();
  const nameOf = (value: Value): number => {
    let same = value;
    if (value.data && value.data.length <= LARGEST_COMPARED) {
      const numbers = Array.from(value.data, (each) => (Object.is(each, -0) ? '-0' : each));
      const key = `${value.dtype} [${value.shape}] ${numbers}`;
      same = constants.get(key) ?? value;
      constants.set(key, same);
    }
    const name = names.get(same) ?? names.size;
    names.set(same, name);
    return name;
  };
  const known = new Map<string, Value[]>();
  for (const { op, attrs, ins, outs } of editor.nodes) {
    const inputs = Object.entries(ins).map(([name, value]) => [name, nameOf(value)]);
    const key = `${op} ${attributeKey(attrs)} ${inputs}`;
    const equal = known.get(key);
    if (!equal) {
      known.set(key, outs);
      continue;
    }
    outs.forEach((value, i) => {
      editor.replace(value, equal[i]!);
    });
  }
}

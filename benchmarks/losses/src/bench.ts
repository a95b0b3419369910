/** Milliseconds per value and gradient of each loss, and ratios to cross-entropy of the same run: see the README. */
import { selectBackend } from '@kd/backend/node';
import { describeMachine } from '@kd-bench/common';
import { GROUPS, type Group } from './losses.ts';
import { type GroupTimes, measureGroup } from './measure.ts';
import { parseOptions, USAGE } from './options.ts';
import { formatGroup } from './report.ts';

const AT_LEAST_MS = 50;

function only(group: Group, names: readonly string[]): Group {
  const losses = Object.entries(group.losses).filter(([name]) => names.length === 0 || names.includes(name));
  return { ...group, losses: Object.fromEntries(losses) };
}

const names = GROUPS.flatMap(({ losses }) => Object.keys(losses));
const options = parseOptions(process.argv.slice(2), names);
if (options) {
  const { backends, rounds, json } = options;
  const groups = GROUPS.map((group) => only(group, options.losses)).filter(({ losses }) => Object.keys(losses).length);
  const machine = describeMachine();
  const print = (text: string): void => (json ? undefined : console.log(text));

  print(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)} at the start`);
  print(`Value and gradient, median of ${rounds} rounds; x: times as long as crossEntropy in the same round`);
  const results: { title: string; shape: readonly number[]; times: Record<string, GroupTimes> }[] = [];
  for (const group of groups) {
    const times: Record<string, GroupTimes> = {};
    for (const backend of backends) {
      await selectBackend({ backend });
      times[backend] = measureGroup(group, { rounds, atLeastMs: AT_LEAST_MS });
    }
    results.push({ title: group.title, shape: group.shape, times });
    print(`\n${formatGroup(group, times)}`);
  }
  const loadAtEnd = describeMachine().load;
  print(`\nLoad ${loadAtEnd.toFixed(1)} at the end.`);
  if (json) console.log(JSON.stringify({ machine, loadAtEnd, rounds, results }));
} else {
  console.log(USAGE);
}

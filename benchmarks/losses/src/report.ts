import { formatTable } from '@kd-bench/common';
import type { Group } from './losses.ts';
import type { GroupTimes } from './measure.ts';

/** The table of one group, with the times on each backend side by side. */
export function formatGroup({ title, shape }: Group, times: Readonly<Record<string, GroupTimes>>): string {
  const backends = Object.entries(times);
  const header = ['loss', ...backends.flatMap(([backend]) => [`${backend} ms`, 'x'])];
  const rows = backends[0]![1].losses.map(({ name }, i) => [
    name,
    ...backends.flatMap(([, { losses }]) => [losses[i]!.ms.toPrecision(3), losses[i]!.ratio.toFixed(1)]),
  ]);
  const unit = ['the unit: crossEntropy', ...backends.flatMap(([, { unitMs }]) => [unitMs.toPrecision(3), '1.0'])];
  return `${title} [${shape.join(', ')}]\n\n${formatTable(header, [unit, ...rows])}`;
}

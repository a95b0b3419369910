import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RULES } from '../trace/rules/index.ts';
import { TABLES } from './table.ts';

/** Kernels that can be traced and not lowered: nothing of ours, and no gradient of what we have, calls them. */
const NOT_LOWERED = [
  ...['Atan2', 'BitwiseAnd', 'Cumprod', 'Bincount', 'Diag', 'TensorScatterUpdate'],
  ...['BatchToSpaceND', 'SpaceToBatchND', 'DepthToSpace', 'LRN', 'LRNGrad'],
  ...['ResizeBilinear', 'ResizeBilinearGrad', 'ResizeNearestNeighbor', 'ResizeNearestNeighborGrad'],
];

/** Taken apart by `optimizeGraph`. */
const SPLIT = ['_FusedMatMul'];

it('lowers every kernel that can be traced, but for a few that are known', () => {
  const missing = Object.keys(RULES).filter((kernel) => !(kernel in TABLES.lowerings));
  expect(missing.sort()).toEqual([...NOT_LOWERED, ...SPLIT].sort());
});

it('lowers every training kernel of docs/kernels.md', () => {
  const text = readFileSync(new URL('../../../../docs/kernels.md', import.meta.url), 'utf8');
  const kernels = [...text.matchAll(/^\| `(Kd\w+)`/gm)].map(([, kernel]) => kernel!);
  expect(kernels).toContain('KdBatchNormGrad');
  expect(kernels.filter((kernel) => !(kernel in TABLES.lowerings))).toEqual([]);
});

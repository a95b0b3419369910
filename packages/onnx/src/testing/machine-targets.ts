import type { Target } from '../lower/lowering.ts';
import { blockOf } from '../node/blocked-layout.ts';
import { loadOnnxRuntime } from '../node/runtime.ts';

/** Portable graphs, and those for the block that this machine's processor has: ONNX Runtime knows no other one at run time (`npm run check:avx2` has another processor). */
export async function machineTargets(): Promise<Target[]> {
  const block = await blockOf(await loadOnnxRuntime());
  return block === 1 ? [{ block: 1 }] : [{ block: 1 }, { block }];
}

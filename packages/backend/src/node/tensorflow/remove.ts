import { renameSync, rmSync } from 'node:fs';
import { findTensorflow, type InstalledTensorflow, tensorflowCache } from './cache.ts';
import type { TensorflowKind } from './recipe.ts';

/** Deletes a build. @returns what it was, or undefined if there was none */
export function removeTensorflow(
  kind: TensorflowKind,
  cache: string = tensorflowCache(),
): InstalledTensorflow | undefined {
  const build = findTensorflow(kind, cache);
  if (!build) return undefined;
  const aside = `${build.folder}.removed.${process.pid}`; // never seen half deleted
  renameSync(build.folder, aside);
  rmSync(aside, { recursive: true });
  return build;
}

import type { Checkpoint, CheckpointStore } from '../loop/checkpoint.ts';

/** Checkpoints in an array, each as it was when it was saved. */
export function memoryCheckpoints(): CheckpointStore & { saved: Checkpoint[] } {
  const saved: Checkpoint[] = [];
  return {
    saved,
    async save(checkpoint) {
      saved.push(structuredClone(checkpoint));
      return `memory ${saved.length}`;
    },
    load: async () => saved.at(-1),
  };
}

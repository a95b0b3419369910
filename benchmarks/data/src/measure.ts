import type { DataLoader } from '@kd/core';

/** Images a second over one epoch. */
export async function imagesPerSecond(loader: DataLoader, epoch: number): Promise<number> {
  const start = performance.now();
  let images = 0;
  for await (const { ids } of loader.epoch(epoch)) images += ids.length;
  return (1000 * images) / (performance.now() - start);
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A step that leaves the processor to others: a GPU's, or a native engine's on its own threads. */
export const elsewhere = (milliseconds: number): Promise<void> => sleep(milliseconds);

/** A step that computes on the loader's own thread. */
export async function onThisThread(milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Milliseconds from the end of a step to the next batch, in order; the first batch of all not counted. */
export async function waits(
  loader: DataLoader,
  step: (ms: number) => Promise<void>,
  stepMs: number,
): Promise<number[]> {
  const found: number[] = [];
  let end: number | undefined;
  for await (const _ of loader.epoch(1)) {
    if (end !== undefined) found.push(performance.now() - end);
    await step(stepMs);
    end = performance.now();
  }
  return found;
}

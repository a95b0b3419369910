export interface Latency {
  /** Milliseconds. */
  median: number;
  /** How many times it was measured. */
  runs: number;
}

const WARM_UP = 2; // shaders are compiled and weights uploaded in the first run
const MOST = 15;
const LEAST = 3;
const BUDGET = 1500; // ms; a large teacher is measured fewer times

/** Lets the page paint and answer between two runs. */
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How long one image takes, from the numbers of its pixels to its logits in JavaScript. */
export async function measureLatency(run: () => Promise<unknown>): Promise<Latency> {
  for (let i = 0; i < WARM_UP; i++) await run();
  const times: number[] = [];
  const end = performance.now() + BUDGET;
  while (times.length < MOST && (times.length < LEAST || performance.now() < end)) {
    await breathe();
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return { median: median(times), runs: times.length };
}

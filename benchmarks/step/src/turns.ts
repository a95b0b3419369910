/** Times of the steps of one turn. */
export interface Turn {
  ms: number[];
  /** Processor time of the process in this turn, all threads together. */
  cpuMs: number;
  /** The most memory that the process has ever used. */
  megabytes: number;
  /** Of the engine of `@kd/onnx`: tracing, lowering and building. */
  buildMs?: number;
  /** Of the same: that it runs slower than it should, and why. */
  warning?: string;
}

/** Times steps one by one. */
export function createTurns(step: () => unknown): (steps: number) => Promise<Turn> {
  return async (steps) => {
    const before = process.cpuUsage();
    const ms: number[] = [];
    for (let i = 0; i < steps; i++) {
      const start = performance.now();
      await step();
      ms.push(performance.now() - start);
    }
    const { user, system } = process.cpuUsage(before);
    return { ms, cpuMs: (user + system) / 1e3, megabytes: process.resourceUsage().maxRSS / 1e3 };
  };
}

import { median, type Runner } from '@kd-bench/common';
import { ENGINES, startEngine, type Times } from './engines.ts';
import { BATCH, type Case } from './training.ts';

export interface Measured {
  engine: string;
  /** Milliseconds: of a step of the MLP, of an image of MobileNetV2. */
  min: number;
  median: number;
  megabytes: number;
}

export interface Failed {
  engine: string;
  reason: string;
}

export interface MeasureOptions {
  rounds: number;
  /** Timed steps of a round. */
  steps: number;
  threads: number;
}

/** Times all engines on one network in turns, so that a busy moment of the machine hits all of them. */
export async function measure(
  which: Case,
  engines: readonly string[],
  { rounds, steps, threads }: MeasureOptions,
): Promise<(Measured | Failed)[]> {
  const failed = new Map<string, string>();
  const runners = new Map<string, Runner<Times>>();
  const attempt = async (engine: string, work: () => Promise<void>): Promise<void> => {
    await work().catch((error: Error) => {
      runners.delete(engine);
      failed.set(engine, error.message);
    });
  };
  const names = engines.filter((name) => ENGINES[name]!.cases.includes(which));
  const results = new Map(names.map((name) => [name, { ms: [] as number[], megabytes: 0 }]));
  try {
    for (const name of names) {
      await attempt(name, async () => {
        const runner = await startEngine(name, which, threads);
        runners.set(name, runner);
        await runner.ask(3); // warm-up
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const [name, runner] of [...runners]) {
        await attempt(name, async () => {
          const { ms, megabytes } = await runner.ask(steps);
          const result = results.get(name)!;
          result.ms.push(...ms);
          result.megabytes = megabytes;
        });
      }
    }
  } finally {
    for (const runner of runners.values()) runner.stop();
  }
  const divisor = which === 'mobilenetv2' ? BATCH[which] : 1;
  return names.map((engine) => {
    const reason = failed.get(engine);
    if (reason !== undefined) return { engine, reason };
    const { ms, megabytes } = results.get(engine)!;
    return { engine, min: Math.min(...ms) / divisor, median: median(ms) / divisor, megabytes };
  });
}

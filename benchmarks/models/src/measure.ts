import { fileURLToPath } from 'node:url';
import { median, type Runner, startRunner } from '@kd-bench/common';
import type { ModelName } from './models.ts';

export const ENGINES = ['pytorch', 'tensorflow', 'wasm'] as const;

export type Engine = (typeof ENGINES)[number];

/** Images at once. */
export const BATCHES = [1, 8] as const;

export interface Measured {
  engine: Engine;
  /** Milliseconds for an image, median, for each of `BATCHES`. */
  ms: number[];
  megabytes: number;
}

export interface Failed {
  engine: Engine;
  reason: string;
}

interface Times {
  ms: number[];
  megabytes: number;
}

function start(engine: Engine, model: ModelName, threads: number): Promise<Runner<Times>> {
  const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  if (engine === 'pytorch') {
    return startRunner(process.env.KD_PYTHON || 'python3', [file('torch_infer.py'), model, String(threads)]);
  }
  const backend = engine === 'tensorflow' ? 'tfjs-node' : engine;
  return startRunner(process.execPath, [...process.execArgv, file('worker.ts'), model, backend]);
}

/** Times all engines on one model in turns, so that a busy moment of the machine hits all of them. */
export async function measure(
  model: ModelName,
  engines: readonly Engine[],
  { rounds, threads }: { rounds: number; threads: number },
): Promise<(Measured | Failed)[]> {
  const failed = new Map<Engine, string>();
  const runners = new Map<Engine, Runner<Times>>();
  const times = new Map(engines.map((engine) => [engine, { ms: BATCHES.map((): number[] => []), megabytes: 0 }]));
  const attempt = (engine: Engine, work: () => Promise<void>): Promise<void> =>
    work().catch((error: Error) => {
      runners.delete(engine);
      failed.set(engine, error.message);
    });
  try {
    for (const engine of engines) {
      await attempt(engine, async () => {
        const runner = await start(engine, model, threads);
        runners.set(engine, runner);
        for (const batch of BATCHES) await runner.ask(batch); // warm-up
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const [engine, runner] of [...runners]) {
        await attempt(engine, async () => {
          for (const [i, batch] of BATCHES.entries()) {
            const { ms, megabytes } = await runner.ask(batch);
            const result = times.get(engine)!;
            result.ms[i]!.push(...ms.map((each) => each / batch));
            result.megabytes = megabytes;
          }
        });
      }
    }
  } finally {
    for (const runner of runners.values()) runner.stop();
  }
  return engines.map((engine) => {
    const reason = failed.get(engine);
    if (reason !== undefined) return { engine, reason };
    const { ms, megabytes } = times.get(engine)!;
    return { engine, ms: ms.map(median), megabytes };
  });
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, type Runner } from '@kd-bench/common';
import { CASES, type Case } from './cases.ts';
import { ENGINES, isOnnx, type StartOptions, startEngine } from './engines.ts';
import { takeTurn } from './take-turn.ts';
import type { Turn } from './turns.ts';

export interface Measured {
  engine: string;
  /** Milliseconds: of a step of the MLP, of an image of the others. */
  min: number;
  median: number;
  megabytes: number;
  /** The most cores that other processes took in a turn that counts. */
  foreign: number;
  /** Turns that do not count, because others disturbed them. */
  discarded: number;
  /** Of the engine of `@kd/onnx`: what it takes to get ready, and how far the process that checks a graph goes. */
  build?: { ms: number; checkMegabytes: number; warning?: string | undefined };
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
  const { batch, per, repeat } = CASES[which];
  const cacheDir = await mkdtemp(join(tmpdir(), 'kd-bench-step-'));
  const failed = new Map<string, string>();
  const runners = new Map<string, Runner<Turn>>();
  const attempt = async (engine: string, work: () => Promise<void>): Promise<void> => {
    await work().catch((error: Error) => {
      runners.delete(engine);
      failed.set(engine, error.message);
    });
  };
  const names = engines.filter((name) => (ENGINES[name]!.cases as readonly Case[]).includes(which));
  const turns = new Map(names.map((name) => [name, [] as Awaited<ReturnType<typeof takeTurn>>[]]));
  const firstTurns = new Map<string, Turn>();
  const options: StartOptions = { threads, cacheDir };
  try {
    for (const name of names) {
      await attempt(name, async () => {
        if (isOnnx(name)) firstTurns.set(name, await firstProcess(name, which, options));
        const runner = await startEngine(name, which, options);
        runners.set(name, runner);
        await runner.ask(3 * repeat); // warm-up
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const [name, runner] of [...runners]) {
        await attempt(name, async () => void turns.get(name)!.push(await takeTurn(runner, steps * repeat)));
      }
    }
  } finally {
    for (const runner of runners.values()) runner.stop();
    await rm(cacheDir, { recursive: true });
  }
  const divisor = per === 'image' ? batch : 1;
  return names.map((engine) => {
    const reason = failed.get(engine);
    if (reason !== undefined) return { engine, reason };
    const taken = turns.get(engine)!;
    const ms = taken.flatMap((turn) => turn.ms);
    const last = taken.at(-1)!;
    const first = firstTurns.get(engine);
    return {
      engine,
      min: Math.min(...ms) / divisor,
      median: median(ms) / divisor,
      megabytes: last.megabytes,
      foreign: Math.max(...taken.map((turn) => turn.foreign)),
      discarded: taken.reduce((sum, turn) => sum + turn.discarded, 0),
      ...(first && { build: { ms: first.buildMs!, checkMegabytes: first.megabytes, warning: last.warning } }),
    };
  });
}

/** A process that compares its first step with the portable graph's, as the first one on a machine does. */
async function firstProcess(name: string, which: Case, options: StartOptions): Promise<Turn> {
  const runner = await startEngine(name, which, options);
  const turn = await runner.ask(1);
  runner.stop();
  return turn;
}

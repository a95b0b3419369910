import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Settings } from './settings.ts';

export interface LifeOptions {
  /** Kills it so many milliseconds after it has told of so many steps, 0 for the start of training. @default never */
  killAfter?: { steps: number; delay: number };
}

/** How a process ended: by itself, or killed. */
export interface Ended {
  killed: boolean;
  /** Steps that it has told of. */
  steps: number;
}

const child = fileURLToPath(new URL('child.ts', import.meta.url));
const node = ['--conditions=@kd/source', '--import', 'tsx'];

/** Trains in a process of its own, to the end or until it is killed. */
export function live(settings: Settings, { killAfter }: LifeOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const running = fork(child, [JSON.stringify(settings)], {
      execArgv: node,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let printed = '';
    for (const stream of [running.stdout!, running.stderr!]) stream.on('data', (data) => (printed += String(data)));
    let steps = -1; // the start is told of, too
    running.on('message', () => {
      steps += 1;
      if (steps === killAfter?.steps) setTimeout(() => running.kill('SIGKILL'), killAfter.delay);
    });
    running.on('exit', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve({ killed: signal === 'SIGKILL', steps: Math.max(0, steps) });
      else reject(new Error(`a training process ended with ${code ?? signal}:\n${printed}`));
    });
  });
}

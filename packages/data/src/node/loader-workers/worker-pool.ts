import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { KdError } from '@kd/core';
import { loadSharp } from '../load-sharp.ts';
import type { FromWorker, Job, ToWorker } from './messages.ts';

interface Thread {
  worker: Worker;
  waiting: Map<number, { resolve: (answer: FromWorker) => void; reject: (error: Error) => void }>;
  /** Ends it when it has had nothing to do for a while. */
  idle: NodeJS.Timeout | undefined;
}

const IDLE_MS = 10_000;

const HERE: string | undefined = import.meta.url; // undefined in a CommonJS bundle

// Node runs no TypeScript: from source, as in the tests, the worker is started through tsx.
const FROM_SOURCE = HERE?.endsWith('.ts') === true;
const SCRIPT = HERE && new URL(FROM_SOURCE ? '../../testing/worker-from-source.mjs' : './worker.js', HERE);

/** Not in a bundle that the worker's file was left out of. */
export const workersAvailable = (): boolean => !!SCRIPT && existsSync(SCRIPT);

/** Its libraries must be loaded by the main thread first, else they go with the first worker that ends. */
const sharpStays = (): Promise<unknown> => loadSharp('dataLoader');

/** Shared by all loaders of the process. */
const threads: Thread[] = [];

function startThread(): Thread {
  const worker = new Worker(SCRIPT!, FROM_SOURCE ? { execArgv: ['--conditions=@kd/source'] } : {});
  const thread: Thread = { worker, waiting: new Map(), idle: undefined };
  const end = (reason: string): void => {
    leave(thread);
    const message = `dataLoader: a worker thread ended: ${reason}; with 'workers: 0' there are none`;
    for (const { reject } of thread.waiting.values()) reject(new KdError('UNAVAILABLE', message));
    thread.waiting.clear();
  };
  worker.on('message', (answer: FromWorker) => {
    thread.waiting.get(answer.id)?.resolve(answer);
    thread.waiting.delete(answer.id);
    if (thread.waiting.size === 0) rest(thread);
  });
  worker.on('messageerror', ({ message }) => {
    end(message);
    void worker.terminate();
  });
  worker.on('error', (error: unknown) => end(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => end(`exit code ${code}`));
  threads.push(thread);
  return thread;
}

/** Without work it keeps no process from exiting, and does not stay for long. */
function rest(thread: Thread): void {
  thread.worker.unref();
  thread.idle = setTimeout(() => {
    leave(thread);
    void thread.worker.terminate();
  }, IDLE_MS).unref();
}

function leave(thread: Thread): void {
  const place = threads.indexOf(thread);
  if (place >= 0) threads.splice(place, 1);
}

/** The one of `workers` threads with the least to do; a new one, while there may be more and none is idle. */
function leastBusy(workers: number): Thread {
  const few = threads.slice(0, workers);
  const least = few.reduce<Thread | undefined>(
    (best, thread) => (best && best.waiting.size <= thread.waiting.size ? best : thread),
    undefined,
  );
  return least && (least.waiting.size === 0 || few.length === workers) ? least : startThread();
}

/** Has a job done by one of so many threads. The job's bytes go to it. The signal says that nobody waits any more. */
export async function runJob(job: Job, workers: number, left: AbortSignal): Promise<FromWorker> {
  await sharpStays();
  left.throwIfAborted();
  const { worker, waiting, idle } = leastBusy(workers);
  const cancel = (): void => worker.postMessage({ cancel: job.id } satisfies ToWorker);
  left.addEventListener('abort', cancel, { once: true });
  try {
    return await new Promise<FromWorker>((resolve, reject) => {
      worker.postMessage(job satisfies ToWorker, [job.bytes.buffer as ArrayBuffer]);
      waiting.set(job.id, { resolve, reject });
      clearTimeout(idle);
      worker.ref();
    });
  } finally {
    left.removeEventListener('abort', cancel);
  }
}

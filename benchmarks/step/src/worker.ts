/** One engine of the benchmark, in a process of its own: reads numbers of steps, answers with times. See engines.ts. */
import { createInterface } from 'node:readline';
import { type BackendName, selectBackend } from '@kd/backend/node';
import '@tensorflow/tfjs-layers'; // before the backend is completed: registers the gradients of TF.js' ops
import type { Kind } from './networks.ts';
import { type Case, createStep } from './training.ts';

const [which, backend, kind, complete] = process.argv.slice(2) as [Case, BackendName, Kind, string];
await selectBackend({ backend, complete: complete === 'true' });
const step = createStep(which, kind);
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const ms = Array.from({ length: Number(line) }, () => {
    const start = performance.now();
    step();
    return performance.now() - start;
  });
  console.log(JSON.stringify({ ms, megabytes: process.resourceUsage().maxRSS / 1e3 }));
}

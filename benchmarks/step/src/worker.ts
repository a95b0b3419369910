/** A TF.js backend in a process of its own: reads numbers of steps, answers with times. See engines.ts. */
import { createInterface } from 'node:readline';
import { type BackendName, selectBackend } from '@kd/backend/node';
import '@tensorflow/tfjs-layers'; // before the backend is completed: registers the gradients of TF.js' ops
import type { Kind } from './networks.ts';
import { createStep, type TfjsCase } from './training.ts';
import { createTurns } from './turns.ts';

const [which, backend, kind, complete] = process.argv.slice(2) as [TfjsCase, BackendName, Kind, string];
await selectBackend({ backend, complete: complete === 'true' });
const takeTurn = createTurns(createStep(which, kind));
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await takeTurn(Number(line))));
}

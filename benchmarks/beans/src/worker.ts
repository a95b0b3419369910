/** One turn of `distill`, in a process of its own: prints it as JSON. See columns.ts. */
import { parseArgs } from 'node:util';
import { selectBackend } from '@kd/backend/node';
import { mobileNetV2, vitBase16 } from '@kd/models';
import { runRecipe } from './recipe.ts';

const text = { type: 'string' } as const;
const sizes = { steps: text, validation: text, epochs: text, threads: text };
const { values } = parseArgs({
  options: { beans: text, ...sizes, workers: { ...text, default: '0' }, prepared: { type: 'boolean', default: false } },
});
await selectBackend({ backend: 'wasm' });
const turn = await runRecipe({
  beans: values.beans!,
  steps: Number(values.steps),
  validation: Number(values.validation),
  epochs: Number(values.epochs),
  threads: Number(values.threads),
  workers: Number(values.workers),
  prepared: values.prepared,
  started: Number(process.env.KD_BENCH_STARTED) - performance.timeOrigin / 1000,
  networks: (classNames) => ({ teacher: vitBase16({ classNames }), student: mobileNetV2({ classNames }) }),
});
console.log(JSON.stringify(turn));

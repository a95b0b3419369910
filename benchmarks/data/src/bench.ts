/** Images a second from files to batches, beside Python's, and how long a training step waits: see the README. */
import { rmSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataLoader, loadDataset, loadMnist } from '@kd/data/node';
import { describeMachine, formatTable, median } from '@kd-bench/common';
import { createCases, inWords, PROCESSORS, WORKERS } from './cases.ts';
import { elsewhere, imagesPerSecond, onThisThread, waits } from './measure.ts';
import { parseOptions, USAGE } from './options.ts';
import { startPython } from './python.ts';
import { type Row, ratioOf, speedTable } from './report.ts';

const STEP_MS = 20;
const PYTHON_WORKERS = [0, 2];

const options = parseOptions(process.argv.slice(2));
if (options) {
  const { images, rounds, json } = options;
  const print = (text: string): void => (json ? undefined : console.log(text));
  const folder = options.beans;
  const files = folder ? (await readdir(folder)).filter((name) => /^train-.*\.parquet$/.test(name)).sort() : [];
  if (!folder || files.length === 0)
    throw new Error(`bench:data: no train-*.parquet in ${folder}; pass --beans <folder>`);
  const { train } = await loadDataset('beans', { source: folder });
  const digits = (await loadMnist()).train;
  const cacheDir = await mkdtemp(join(tmpdir(), 'kd-bench-data-'));
  process.once('exit', () => rmSync(cacheDir, { recursive: true }));
  const cases = await createCases(train, digits, { images, cacheDir });
  const python = await startPython(join(folder, files[0]!));
  const machine = describeMachine();
  print(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)} at the start`);
  if ('missing' in python) print(`Python is left out: ${python.missing}`);

  const rows = new Map<string, Row>();
  const add = (name: string, task: Row['task'], batchSize: number, rate: number): void => {
    const row = rows.get(name) ?? { name, task, batchSize, rates: [] };
    row.rates.push(rate);
    rows.set(name, row);
  };
  const threads = cases.filter(({ name }) => WORKERS.slice(1).some((workers) => name.endsWith(inWords(workers))));
  for (let round = 0; round < rounds; round++) {
    // They have ended while Python had its turn; a run of training starts them once.
    for (const { loader } of threads) for await (const _ of loader) break;
    for (const { name, task, batchSize, loader } of cases) {
      add(name, task, batchSize, await imagesPerSecond(loader, round));
    }
    if ('missing' in python) continue;
    for (const task of ['vit', 'mobilenet', 'mnist'] as const) {
      const [batch, count] = task === 'mnist' ? [64, digits.length] : [32, Math.min(images, train.length)];
      for (const workers of PYTHON_WORKERS) {
        const rate = await python.imagesPerSecond({ case: task, workers, batch, images: count });
        add(`${task === 'mnist' ? task : `beans ${task}`}, Python, ${workers} workers`, task, batch, rate);
      }
    }
  }
  if (!('missing' in python)) python.stop();
  const results = [...rows.values()];
  print(`\n${speedTable(results)}`);

  const waiting: { name: string; step: string; medianMs: number; longestMs: number }[] = [];
  const cached = cases.find(({ name }) => name === 'beans vit, cached, uint8')!.loader;
  const batches: [string, typeof cached][] = [
    ...WORKERS.map((workers): [string, typeof cached] => {
      const cold = { batchSize: 8, processor: PROCESSORS.vit, output: 'uint8', prefetch: 3, workers } as const;
      return [`beans vit, cold, ${inWords(workers)}`, dataLoader(train, cold)];
    }),
    ['beans vit, cached', cached],
  ];
  for (const [name, loader] of batches) {
    for (const [step, run] of [
      ['elsewhere', elsewhere],
      ['on this thread', onThisThread],
    ] as const) {
      const found = await waits(loader, run, STEP_MS);
      waiting.push({ name, step, medianMs: median(found), longestMs: Math.max(...found) });
    }
  }
  const table = waiting.map(({ name, step, medianMs, longestMs }) => [
    name,
    step,
    medianMs.toFixed(2),
    longestMs.toFixed(2),
  ]);
  print(`\nWaiting for a batch after a step of ${STEP_MS} ms (cold: 8 images a batch, cached: 32)`);
  print(formatTable(['loader', 'step computes', 'median ms', 'longest ms'], table));
  const loadAtEnd = describeMachine().load;
  print(`\nLoad ${loadAtEnd.toFixed(1)} at the end.`);
  if (json)
    console.log(JSON.stringify({ machine, loadAtEnd, results, ratios: results.map(ratioOf(results)), waiting }));
} else {
  console.log(USAGE);
}

// Fine-tunes a pretrained backbone on photographs. `npm start -- --help` tells the options.
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { selectBackend } from '@kd/backend/node';
import { KdError } from '@kd/core';
import { type AnyDataset, stratifiedSplit } from '@kd/data';
import { describe, loadDataset } from '@kd/data/node';
import { computeMetrics, wilsonInterval } from '@kd/metrics';
import { fromPretrained } from '@kd/models/node';
import { onnxEngine } from '@kd/onnx/node';
import { metricsTable, tfjsEngine } from '@kd/train';
import { fineTune, htmlReport, interruptSignal, progressBar } from '@kd/train/node';
import { HELP, type Options, parseOptions } from './options.ts';

/** The folder in which the user typed the command; npm changes it. */
const cwd = process.env.INIT_CWD ?? process.cwd();

/** Share of images that a set without validation images gives for it. */
const HELD_OUT = 0.15;

const say = (line: string): void => console.log(line);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const shown = (path: string): string => relative(cwd, path) || '.';

/** A folder that is there is meant before a name on the Hub. */
const folderOrName = (text: string): string => (existsSync(resolve(cwd, text)) ? resolve(cwd, text) : text);

async function openData({ data, seed }: Options) {
  const loaded = await loadDataset(folderOrName(data)).catch((error: unknown) => {
    if (!KdError.isInstance(error) || !['UNAVAILABLE', 'NOT_FOUND'].includes(error.code)) throw error;
    throw new KdError(
      error.code,
      `${error.message}\nWithout it: put photographs into folders, one for each class (leaf/train/healthy/1.jpg, ` +
        'leaf/validation/healthy/7.jpg …), and name the folder: --data leaf',
    );
  });
  say(String(await describe(loaded)));
  const { train, validation, test, ...others } = loaded.splits;
  if (!train) {
    throw new KdError('INVALID_DATA', `--data ${data}: needs a split train, has ${Object.keys(others).join(', ')}`);
  }
  return { ...(validation ? { train, validation } : heldOut(train, seed)), ...(test ? { test } : {}) };
}

/** A set without validation images gives some of its own. */
function heldOut<Dataset extends AnyDataset>(dataset: Dataset, seed: number) {
  const holdOut = Math.round(dataset.length * HELD_OUT);
  say(`${holdOut} of them are held out, the same share of each class, to validate with.`);
  return stratifiedSplit(dataset, { holdOut, seed });
}

async function run(options: Options): Promise<void> {
  const { name } = await selectBackend();
  const data = await openData(options);
  const { classNames } = data.train;
  const model = await fromPretrained(folderOrName(options.backbone), {
    classNames,
    ignoreMismatchedSizes: true,
    seed: options.seed,
  });
  say(
    `\n${options.backbone}: ${model.countParams().toLocaleString('en')} parameters, ${classNames.length} classes; ${name}\n`,
  );

  const table = metricsTable({ write: say });
  const result = await fineTune({
    ...data,
    model,
    numTrainEpochs: options.epochs,
    ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
    perDeviceTrainBatchSize: options.batchSize,
    learningRate: options.learningRate,
    seed: options.seed,
    loggingStrategy: 'epoch',
    saveStrategy: 'epoch',
    saveTotalLimit: 1,
    loadBestModelAtEnd: true,
    metricForBestModel: 'accuracy',
    computeMetrics,
    ...(options.engine === 'onnx' ? { engine: onnxEngine({ fallback: tfjsEngine(), onWarning: say }) } : {}),
    ...(options.pushToHub === undefined ? {} : { pushToHub: true, hubModelId: options.pushToHub }),
    callbacks: [
      progressBar(),
      table,
      htmlReport(join(options.out, 'report.html'), { title: 'A teacher', teacher: false }),
    ],
    onWarning: say,
    signal: interruptSignal(() => say('\nStopping after this step and saving (once more: stop at once) …')),
    ...(options.resume ? { resumeFromCheckpoint: true } : {}),
    outputDir: options.out,
  });
  if (result.stopped === 'aborted') {
    say(`\nStopped; with --resume it goes on from ${shown(result.checkpoint ?? options.out)}.`);
    process.exitCode = 130;
    return;
  }
  say(`\nvalidation: ${percent(result.eval_accuracy!)} right, F1 ${result.eval_f1!.toFixed(3)}`);
  if (data.test) {
    const images = data.test.length;
    const { low, high } = wilsonInterval(Math.round(result.test_accuracy! * images), images);
    say(`test: ${percent(result.test_accuracy!)} right of ${images} (95 %: ${percent(low)} to ${percent(high)})`);
  }
  say(`\nThe teacher: ${shown(result.model!)}\nReport:      ${shown(join(options.out, 'report.html'))}`);
}

try {
  const options = parseOptions(process.argv.slice(2), cwd);
  if (options) await run(options);
  else say(HELP);
} catch (error) {
  if (!KdError.isInstance(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

// Fine-tunes a pretrained backbone on photographs. `npm start -- --help` tells the options.
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { selectBackend } from '@kd/backend/node';
import { KdError } from '@kd/core';
import { trainValidationTest } from '@kd/data';
import { describe, loadDataset } from '@kd/data/node';
import { computeMetrics, wilsonInterval } from '@kd/metrics';
import { fromPretrained } from '@kd/models/node';
import { onnxEngine } from '@kd/onnx/node';
import { metricsTable, tfjsEngine } from '@kd/train';
import { fineTune, htmlReport, interruptSignal, progressBar } from '@kd/train/node';
import { HELP, type Options, parseOptions } from './options.ts';

/** The folder in which the user typed the command; npm changes it. */
const cwd = process.env.INIT_CWD ?? process.cwd();

const say = (line: string): void => console.log(line);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const shown = (path: string): string => relative(cwd, path) || '.';

/** A folder that is there is meant before a name on the Hub. */
const folderOrName = (text: string): string => (existsSync(resolve(cwd, text)) ? resolve(cwd, text) : text);

/** Splits that are missing are held out: the same ones as in the examples that this teacher is for. */
async function openData({ data, seed }: Options) {
  const dataset = await loadDataset(folderOrName(data));
  say(String(await describe(dataset)));
  const { heldOut, ...splits } = trainValidationTest(dataset.splits, { seed });
  if (heldOut.length > 0) say(`Held out of the training images: ${heldOut.join(' and ')}.`);
  return splits;
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
  const images = data.test.length;
  const { low, high } = wilsonInterval(Math.round(result.test_accuracy! * images), images);
  say(`test: ${percent(result.test_accuracy!)} right of ${images} (95 %: ${percent(low)} to ${percent(high)})`);
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

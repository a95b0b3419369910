import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { KdError } from '@kd/core';
import { writeFileAtomic } from '@kd/core/node';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { Config } from './config.ts';
import { type Data, trainingLoader } from './data.ts';
import { chooseEngine } from './engine.ts';
import { count } from './format.ts';
import { createNetwork } from './network.ts';
import { disagreements, hardToTell, picture } from './pictures.ts';
import { renderReport } from './report/report.ts';
import { accuracySvg } from './report/sections/curves.ts';
import type { RunResults } from './results.ts';
import { runSeed, type SeedRun } from './run-seed.ts';
import type { Screen } from './terminal.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A new run's folder: made if it is not there, refused if it has content. */
export async function openFolder(folder: string, config: Config): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new KdError(
      'INVALID_ARGUMENT',
      `--out: '${folder}' is not empty; give another folder, or go on with that run: --resume '${folder}'`,
      { folder },
    );
  }
  await writeFileAtomic(join(folder, 'config.json'), json(config));
}

/** The config of a run that was stopped. */
export async function readConfig(folder: string): Promise<Config> {
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch((cause) => {
    throw new KdError(
      'NOT_FOUND',
      `--resume: '${folder}' is no run's folder: it has no config.json`,
      { folder },
      { cause },
    );
  });
  const ended = await readFile(join(folder, 'results.json'), 'utf8').catch(() => undefined);
  if (ended !== undefined) {
    throw new KdError('INVALID_ARGUMENT', `--resume: the run in '${folder}' has ended; its report is there`, {
      folder,
    });
  }
  return JSON.parse(text) as Config;
}

/** What the notebook prints before it trains. */
async function introduce(screen: Screen, data: Data, config: Config): Promise<void> {
  const { classNames, train, validation, test } = data;
  screen.print(
    `${data.name}: ${count(train.length)} training, ${count(validation.length)} validation and ${count(test.length)} test images, ` +
      `${classNames.length} classes`,
  );
  if (config.holdOut === 0) screen.print('Validation images are the test images, as in the notebook');
  for await (const { images, labels } of trainingLoader(data, config, config.teacher, config.seed, false)) {
    screen.print(`A training batch: images [${images.shape.join(', ')}], labels [${labels!.length}]`);
    break;
  }
  const student = createNetwork(config.student, data, config.seed);
  screen.print('\nThe student:');
  student.summary(72, [0.46, 0.76, 1], (line?: string) => screen.print(line ?? ''));
  const shape = tf.tidy(() => (student.apply(tf.zeros([16, ...train.imageShape])) as tf.Tensor).shape);
  screen.print(`Check: 16 random images give logits of shape [${shape.join(', ')}]`);
  student.dispose();
}

/** A few test images as PNG files, for `predict`. */
async function writeSamples(folder: string, data: Data): Promise<string> {
  const [height, width] = data.test.imageShape;
  await mkdir(join(folder, 'samples'), { recursive: true });
  const names: string[] = [];
  for (let i = 0; i < 4; i++) {
    const { pixels, label } = picture(data.test, i);
    const name = join('samples', `test-${i}-label-${data.classNames[label]!.replaceAll(/\W+/g, '-')}.png`);
    const raw = { width, height, channels: 1 as const };
    await sharp(Uint8Array.from(pixels), { raw }).png().toFile(join(folder, name));
    names.push(name);
  }
  return names[0]!;
}

/**
 * The whole recipe: every seed's three networks, then the results, the report and the pictures.
 *
 * @returns the results, and the path of a sample picture in the folder
 */
export async function run(
  config: Config,
  data: Data,
  folder: string,
  screen: Screen,
  signal: AbortSignal,
): Promise<{ results: RunResults; sample: string }> {
  const startedAt = new Date();
  const engine = await chooseEngine(config.engine ?? 'auto', screen.print);
  screen.print(`Engine: ${engine.summary}`);
  await introduce(screen, data, config);

  const runs: SeedRun[] = [];
  for (let i = 0; i < config.seeds; i++) {
    const seed = config.seed + i;
    if (config.seeds > 1) screen.print(`\nSeed ${seed} (${i + 1} of ${config.seeds})`);
    const subfolder = config.seeds > 1 ? `seed-${seed}` : '';
    runs.push(
      await runSeed({ config, seed, data, folder: join(folder, subfolder), subfolder, engine, screen, signal }),
    );
    if (i > 0) runs[i]!.teacher.dispose(); // the first one answers for the report
  }
  const [first] = runs as [SeedRun];
  const [height, width] = data.train.imageShape;
  const results: RunResults = {
    config,
    command: config.command,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    engine: engine.summary,
    backend: { name: engine.backend.name, summary: engine.backend.summary },
    machine: {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
    },
    dataset: {
      name: data.name,
      classNames: [...data.classNames],
      height,
      width,
      train: data.train.length,
      validation: data.validation.length,
      test: data.test.length,
      validationIsTest: config.holdOut === 0,
    },
    seeds: runs.map(({ results }) => results),
    samples: [0, 1, 2, 3].map((index) => picture(data.train, index)),
    softTargets: await hardToTell(first.teacher, data),
    ...disagreements(data.test, first.tested.teacher, first.tested.student),
  };
  const sample = await writeSamples(folder, data);
  await writeFileAtomic(join(folder, 'report.html'), await renderReport(results));
  const curves = accuracySvg(results);
  if (curves !== undefined) await writeFileAtomic(join(folder, 'accuracy.svg'), curves);
  await writeFileAtomic(join(folder, 'results.json'), json(results));
  // Everything that a resumed run would need is now in the models and the results.
  for (let i = 0; i < config.seeds; i++) {
    const seedFolder = config.seeds > 1 ? join(folder, `seed-${config.seed + i}`) : folder;
    await rm(join(seedFolder, 'state'), { recursive: true, force: true });
  }
  return { results, sample };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selectBackend } from '@kd/backend/node';
import { loadModel } from '@kd/models/node';
import { evaluate } from '@kd/train';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from './config.ts';
import { evaluationLoader, loadData } from './data.ts';
import type { RunResults } from './results.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd example '));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  output: string;
}

/** Runs the example as a user does; `watch` sees the output as it comes. */
function start(args: string[], watch: (output: string, child: ChildProcess) => void = () => {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=@kd/source', '--import', tsx, main, ...args], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, INIT_CWD: folder },
    });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      watch(output, child);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

const quick = ['--sanity-check', '--epochs', '2'];
const results = async (name: string): Promise<RunResults> =>
  JSON.parse(await readFile(join(folder, name, 'results.json'), 'utf8'));

/** What a run found, without what depends on the clock. */
const timeless = ({ seeds, softTargets, disagreementCount }: RunResults) => ({
  softTargets,
  disagreementCount,
  seeds: seeds.map(({ comparisons, networks }) => ({
    comparisons,
    networks: networks.map(({ test, bestEpoch, history }) => ({
      test,
      bestEpoch,
      losses: history.map(({ train_loss, eval_loss, is_best }) => [train_loss, eval_loss, is_best]),
    })),
  })),
});

/** The models in a run's folder have the accuracy that its results tell. */
async function expectSavedAccuracy(name: string, config: Config): Promise<void> {
  await selectBackend({ backend: 'wasm' });
  const data = await loadData(config);
  for (const { networks } of (await results(name)).seeds) {
    for (const { key, folder: place, test } of networks) {
      const model = await loadModel(join(folder, name, place));
      const mode = key === 'teacher' ? config.teacherEvaluation : 'inference';
      const { eval_accuracy } = await evaluate(model, evaluationLoader(data.test, data), { mode });
      expect(eval_accuracy).toBe(test.accuracy);
    }
  }
}

describe('npm start', { timeout: 240_000 }, () => {
  it('trains, tests and reports all three networks, and its models load again with the same accuracy', async () => {
    const { code, output } = await start([...quick, '--out', 'whole run']);
    expect(output).toContain('55,000 training, 5,000 validation and 10,000 test images');
    expect(output).toContain('A training batch: images [128, 28, 28, 1], labels [128]');
    expect(output).toContain('16 random images give logits of shape [16, 10]');
    expect(output).toMatch(
      /Epoch 2\/2 {2}lr 1\.0e-3 {2}train loss [\d.]+, [\d.]+ % {2}validation loss [\d.]+, [\d.]+ % {2}[\d.]+ min/,
    );
    expect(output).toMatch(/student, distilled 784-800-800-10\s+[\d,]+\s+[\d.]+ %\s+1,283,210/);
    expect(output).toContain('npm start -- predict "whole run/student" "whole run/samples/test-0-label-7.png"');
    expect(code).toBe(0);

    expect((await readdir(join(folder, 'whole run'))).sort()).toEqual([
      'accuracy.svg',
      'config.json',
      'metrics.jsonl',
      'report.html',
      'results.json',
      'samples',
      'scratch',
      'student',
      'teacher',
    ]);
    const lines = (await readFile(join(folder, 'whole run', 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(
      lines
        .map((line) => JSON.parse(line))
        .filter(({ split }) => split === 'validation')
        .map(({ network }) => network),
    ).toEqual(['teacher', 'teacher', 'scratch', 'scratch', 'student', 'student']);
    const config: Config = JSON.parse(await readFile(join(folder, 'whole run', 'config.json'), 'utf8'));
    await expectSavedAccuracy('whole run', config);
  });

  it('answers for one image file, dark on light too', async () => {
    const image = join(folder, 'whole run', 'samples', 'test-0-label-7.png');
    const { output, code } = await start(['predict', 'whole run/student', 'whole run/samples/test-0-label-7.png']);
    expect(output).toMatch(/test-0-label-7\.png\n( {2}\d +[\d.]+ %\n){3}/);
    expect(code).toBe(0);
    const { default: sharp } = await import('sharp');
    await writeFile(
      join(folder, 'ink.jpg'),
      await sharp(image).resize(280, 280).negate().jpeg({ quality: 95 }).toBuffer(),
    );
    const wide = await sharp(join(folder, 'ink.jpg'))
      .extend({ left: 140, right: 140, background: 'white' })
      .png()
      .toBuffer();
    await writeFile(join(folder, 'wide.png'), wide);
    for (const name of ['ink.jpg', 'wide.png']) {
      const inverted = await start(['predict', 'whole run/student', name]);
      expect(inverted.output).toContain('dark on light: inverted');
      if (name === 'ink.jpg') expect(inverted.output.split('\n')[1]!.trim()[0]).toBe(output.split('\n')[1]!.trim()[0]);
    }
  });

  it('goes on after Ctrl-C where it stopped, to the same results', async () => {
    let interrupted = false;
    const stopped = await start([...quick, '--out', 'stopped run'], (output, child) => {
      if (interrupted || !/student, labels alone.*\n.*Epoch 1\/2/.test(output)) return;
      interrupted = true;
      child.kill('SIGINT');
    });
    expect(stopped.output).toContain('npm start -- --resume "stopped run"');
    expect(stopped.code).toBe(130);
    const resumed = await start(['--resume', 'stopped run']);
    expect(resumed.output).toContain('[1/3] teacher 784-1200-1200-10: already trained');
    expect(resumed.code).toBe(0);
    expect(timeless(await results('stopped run'))).toEqual(timeless(await results('whole run')));
    expect((await start(['--resume', 'stopped run'])).output).toContain('has ended; its report is there');
  });

  it('takes a saved teacher, hides a digit, and repeats with several seeds', async () => {
    const args = [...quick, '--teacher', 'whole run/teacher', '--omit-digit', '3', '--seeds', '2', '--out', 'seeds'];
    const { code, output } = await start(args);
    expect(code).toBe(0);
    expect(output).toMatch(/student, distilled 784-800-800-10\s+[\d.]+\s+-?[\d.]+ to [\d.]+/);
    expect(output).toMatch(
      /Without digit 3 in its training images the student makes \d+ errors, \d+ of them on that digit/,
    );
    expect(output).toContain('seeds/seed-42/metrics.jsonl');
    const { seeds, config } = await results('seeds');
    await expectSavedAccuracy('seeds', config);
    const [teacher] = (await results('whole run')).seeds[0]!.networks;
    expect(seeds.map(({ networks }) => networks[0]!.test.errors)).toEqual([teacher!.test.errors, teacher!.test.errors]);
    expect(seeds[0]!.networks[2]!.history[0]!.train_accuracy).not.toBe(
      seeds[1]!.networks[2]!.history[0]!.train_accuracy,
    );
  });

  it('runs the notebook as published', async () => {
    const { code, output } = await start([...quick, '--preset', 'as-published', '--out', 'published']);
    expect(output).toContain('selects on the test images, as the notebook does');
    expect(code).toBe(0);
    await expectSavedAccuracy('published', (await results('published')).config);
  });

  it.each<[string, string[], string]>([
    ['an unknown option', ['--epoch', '3'], "Unknown option '--epoch'. See npm start -- --help"],
    [
      'an unknown preset',
      ['--preset', 'fast'],
      "--preset must be one of quick, as-published, corrected, paper, got 'fast'",
    ],
    ['temperature 0', ['--temperature', '0'], "--temperature must be a number > 0, got '0'"],
    [
      'a folder in use',
      ['--out', 'whole run'],
      "is not empty; give another folder, or go on with that run: --resume '",
    ],
    ['a folder that is no run', ['--resume', 'nowhere'], "is no run's folder: it has no config.json"],
    ['a folder without images', ['--dataset', 'whole run', '--out', 'x'], 'train-images-idx3-ubyte'],
    ['a file that is no image', ['predict', 'whole run/student', 'whole run/config.json'], 'cannot read an image from'],
  ])('refuses %s in one sentence', async (_, args, message) => {
    const { code, output } = await start(args);
    expect(output).toContain(message);
    expect(output).not.toContain('    at '); // no stack
    expect(code).toBe(1);
    expect(await readdir(folder)).not.toContain('x'); // nothing is left behind
  });

  it('names a damaged model', async () => {
    await truncate(join(folder, 'stopped run', 'student', 'weights.bin'), 1000);
    const { output } = await start(['predict', 'stopped run/student', 'whole run/samples/test-0-label-7.png']);
    expect(output).toContain('have 1000 bytes, model.json asks for');
  });
});

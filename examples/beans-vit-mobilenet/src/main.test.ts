import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { selectBackend } from '@kd/backend/node';
import { fromPretrained, predict } from '@kd/models/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const execute = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
const teacherExample = fileURLToPath(new URL('../../beans-teacher', import.meta.url));
const shared = fileURLToPath(new URL('../../../../shared', import.meta.url));
const beans = join(shared, 'data', 'beans');
const backbone = join(shared, 'models', 'vit-tiny-tinyimagenet');
const isThere = [beans, backbone, teacherExample].every(existsSync);

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'kd beans '));
});
afterAll(() => rm(home, { recursive: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Starts an example as `npm start` does, without network. */
async function start(example: string, ...args: string[]): Promise<Ended> {
  const command = ['--conditions=@kd/source', '--import', 'tsx', join('src', 'main.ts'), ...args];
  const env = { ...process.env, INIT_CWD: home, HF_HUB_OFFLINE: '1', HF_HOME: home };
  return execute(process.execPath, command, { cwd: example, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

const succeeded = ({ code, stderr }: Ended) => ({ code, stderr: code === 0 ? '' : stderr });
const DONE = { code: 0, stderr: '' };

describe('the options', () => {
  it('are the guide’s, a preset’s, and those that are given', () => {
    expect(parseOptions([], '/home')).toMatchObject({
      data: 'hub',
      teacher: 'merve/beans-vit-224',
      temperature: 5,
      lambda: 0.5,
      imageSize: 224,
      batchSize: 8,
      learningRate: 5e-5,
      epochs: 30,
      seeds: 1,
      seed: 42,
      batchNormMomentum: 0.003,
    });
    expect(parseOptions(['--preset', 'corrected'], '/home')).toMatchObject({ batchNormMomentum: 0.997, epochs: 30 });
    const given = ['--preset', 'quick', '--epochs', '2', '--lambda', '0', '--resume'];
    expect(parseOptions(given, '/home')).toMatchObject({ imageSize: 64, epochs: 2, lambda: 0, resume: true });
    expect(parseOptions(['--arms', 'scratch,distilled'], '/home')).toMatchObject({ arms: ['scratch', 'distilled'] });
    expect(parseOptions(['--help'], '/home')).toBeUndefined();
  });

  it.each([
    [['--lambda', '2'], "--lambda must be a number >= 0 and <= 1, got '2'. See npm start -- --help"],
    [['--preset', 'slow'], "--preset must be one of as-published, corrected, quick, best, got 'slow'"],
    [['--image-size', '8'], "--image-size must be an integer >= 32, got '8'"],
    [['--temperatur', '3'], "Unknown option '--temperatur'"],
  ])('%s: refused', (args, message) => {
    expect(() => parseOptions(args, '/home')).toThrow(message);
  });
});

it('without network says which files to put where', async () => {
  const { code, stderr } = await start(here, '--out', 'none');
  expect(code).toBe(1);
  expect(stderr).toContain('the Hub must not be asked');
  expect(stderr).toContain('leaf/train/healthy/1.jpg');
  expect(stderr).not.toContain('    at ');
  if (!existsSync(beans)) return;
  const withData = await start(here, '--data', beans, '--out', 'none');
  expect(withData.code).toBe(1);
  expect(withData.stderr).toContain("'merve/beans-vit-224'");
  expect(withData.stderr).toContain(
    'config.json, model.safetensors or pytorch_model.bin, and preprocessor_config.json',
  );
}, 60_000);

describe.skipIf(!isThere)(
  `on real leaves${isThere ? '' : ' (skipped: needs beans and the ViT-Ti of ../shared)'}`,
  () => {
    it('distils, compares and leaves a student that works: the quick preset', async () => {
      const taught = ['--data', beans, '--backbone', backbone, '--max-steps', '20', '--learning-rate', '1e-4'];
      expect(succeeded(await start(teacherExample, ...taught, '--out', 'teacher'))).toEqual(DONE);
      const began = performance.now();
      const run = ['--preset', 'quick', '--data', beans, '--teacher', 'teacher/model', '--out', 'run'];
      const ended = await start(here, ...run);
      const seconds = (performance.now() - began) / 1000;
      expect(succeeded(ended)).toEqual(DONE);
      console.log(`The quick run took ${seconds.toFixed(0)} s`);

      const comparison = JSON.parse(await readFile(join(home, 'run', 'comparison.json'), 'utf8'));
      expect(comparison.rows.map(({ arm }: { arm: string }) => arm)).toEqual(['scratch', 'distilled']);
      // Chance is .336 of 128; half of them right has a probability of 1e-4 by chance.
      for (const { arm, mean } of comparison.rows) expect(mean, arm).toBeGreaterThan(0.5);
      expect(ended.stdout).toMatch(/It is right on [\d.]+% of 133 validation images/);
      const asked = ended.stdout.match(/The teacher is asked about [\d,]+ \w+ images/g);
      expect(asked).toEqual([
        'The teacher is asked about 133 validation images',
        'The teacher is asked about 1,034 training images',
      ]);
      const student = join(home, 'run', 'distilled', 'seed-42', 'student');
      expect((await readdir(student)).sort()).toEqual(['config.json', 'model.safetensors', 'preprocessor_config.json']);
      await selectBackend();
      const model = await fromPretrained(student);
      const [leaf] = (await readdir(join(beans, 'test', 'healthy'))).sort();
      const [best] = await predict(model, join(beans, 'test', 'healthy', leaf!), { topK: 1 });
      expect(['angular_leaf_spot', 'bean_rust', 'healthy']).toContain(best!.label);
      for (const page of ['study.html', 'distilled/seed-42/report.html']) {
        const text = (await readFile(join(home, 'run', page), 'utf8')).replaceAll(/data:[^"']*/g, '');
        expect(text).not.toMatch(/NaN|undefined/);
      }

      const twice = await start(here, ...run);
      expect(twice.stderr).toContain('is there already; take another folder, or go on: --resume');
      expect(succeeded(await start(here, ...run, '--resume'))).toEqual(DONE); // all is done: says it again
    }, 400_000);

    it('distils somebody’s own photographs, four classes in folders, with options alone', async () => {
      const photographs = join(home, 'my photographs');
      for (const name of ['angular_leaf_spot', 'bean_rust', 'healthy']) {
        await mkdir(join(photographs, name), { recursive: true });
        for (const file of (await readdir(join(beans, 'train', name))).sort().slice(0, 12)) {
          await cp(join(beans, 'train', name, file), join(photographs, name, file));
        }
      }
      await mkdir(join(photographs, 'in the dark'));
      for (const file of (await readdir(join(beans, 'validation', 'healthy'))).sort().slice(0, 12)) {
        const dark = sharp(join(beans, 'validation', 'healthy', file))
          .modulate({ brightness: 0.2 })
          .png();
        await dark.toFile(join(photographs, 'in the dark', file.replace('.jpg', '.png')));
      }
      const own = ['--data', 'my photographs'];
      const taught = [
        ...own,
        '--backbone',
        backbone,
        '--max-steps',
        '3',
        '--learning-rate',
        '1e-4',
        '--batch-size',
        '8',
      ];
      expect(succeeded(await start(teacherExample, ...taught, '--out', 'my teacher'))).toEqual(DONE);
      const small = ['--preset', 'quick', '--epochs', '1', '--batch-size', '8'];
      const ended = await start(
        here,
        ...own,
        '--teacher',
        'my teacher/model',
        '--force-teacher',
        ...small,
        '--out',
        'mine',
      );
      expect(succeeded(ended)).toEqual(DONE);
      expect(ended.stdout).toContain('Held out of the training images: validation and test.');
      const config = JSON.parse(await readFile(join(home, 'mine/distilled/seed-42/student/config.json'), 'utf8'));
      expect(Object.values(config.id2label)).toEqual(['angular_leaf_spot', 'bean_rust', 'healthy', 'in the dark']);
    }, 240_000);
  },
);

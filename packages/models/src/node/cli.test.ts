import '@tensorflow/tfjs-backend-cpu';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mlp } from '../mlp/mlp.ts';
import { setPreprocessorConfig } from '../predict/preprocessor-config.ts';
import type { Prediction } from '../predict/top-predictions.ts';
import { formatPredictions } from './cli/format-predictions.ts';
import { predict } from './predict/predict.ts';
import { savePretrained } from './save-pretrained.ts';

const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url));
/** One pixel, red 255, green 0, blue 0. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);

let folder: string;
let expected: Prediction[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kd cli '));
  const model = mlp({ inputShape: [2, 2, 3], hiddenSizes: [4], classNames: ['cat', 'dog', 'bird'], seed: 2 });
  const [image_mean, image_std] = [
    [0.5, 0.5, 0.5],
    [0.5, 0.5, 0.5],
  ];
  setPreprocessorConfig(model, { image_processor_type: 'ViTImageProcessor', size: 2, image_mean, image_std });
  await savePretrained(model, join(folder, 'model'));
  await writeFile(join(folder, 'red dot.png'), PNG);
  const red = Float32Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 1 : -1));
  expected = await predict(model, { data: red, shape: [2, 2, 3] });
});
afterAll(() => rm(folder, { recursive: true }));

function run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, KD_BACKEND: 'cpu' };
  const node = ['--conditions=@kd/source', '--import', 'tsx', CLI, ...args];
  return promisify(execFile)(process.execPath, node, { env });
}

it('predicts for files and URLs, as a table or as JSON', async () => {
  const [model, image] = [join(folder, 'model'), join(folder, 'red dot.png')];
  const { stdout } = await run('predict', model, image, '--top-k', '2');
  expect(stdout).toBe(`${formatPredictions(image, expected.slice(0, 2))}\n`);
  const url = `data:image/png;base64,${PNG.toString('base64')}`;
  const close = expected.map((each) => ({ ...each, score: expect.closeTo(each.score, 6) }));
  expect(JSON.parse((await run('predict', model, image, url, '--json')).stdout)).toEqual([
    { image, predictions: close },
    { image: url, predictions: close },
  ]);
});

it('says what is wrong without a stack', async () => {
  const model = join(folder, 'model');
  const failure = async (...args: string[]) => {
    const { code, stderr } = await run(...args).then(
      () => expect.unreachable(),
      (error: { code: number; stderr: string }) => error,
    );
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr;
  };
  expect(await failure('guess')).toContain("there is no command 'guess'");
  expect(await failure('predict', model)).toContain('predict takes a model and one image or more');
  expect(await failure('predict', model, 'nowhere.png')).toContain('nowhere.png');
  expect(await failure('predict', join(folder, 'nowhere'), 'a.png')).toContain("nowhere' is neither a folder here");
});

it('formats a table', () => {
  const predictions = [
    { label: 'bean rust', score: 0.9, index: 1 },
    { label: 'x'.repeat(70), score: 0.0949, index: 2 },
    { label: 'größe', score: 0.0051, index: 0 },
  ];
  expect(formatPredictions('leaf.jpg', predictions)).toBe(
    [
      'leaf.jpg',
      `  bean rust${' '.repeat(51)}   90.00 %  ███████████████████████████`,
      `  ${'x'.repeat(59)}…    9.49 %  ███`,
      `  größe${' '.repeat(55)}    0.51 %`,
    ].join('\n'),
  );
});

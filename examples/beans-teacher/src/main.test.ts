import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const execute = promisify(execFile);
const example = fileURLToPath(new URL('..', import.meta.url));
const shared = fileURLToPath(new URL('../../../../shared', import.meta.url));
const beans = join(shared, 'data', 'beans');
const backbone = join(shared, 'models', 'vit-tiny-tinyimagenet');

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'kd teacher '));
});
afterAll(() => rm(home, { recursive: true }));

async function start(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = ['--conditions=@kd/source', '--import', 'tsx', join('src', 'main.ts'), ...args];
  const env = { ...process.env, INIT_CWD: home, HF_HUB_OFFLINE: '1', HF_HOME: home };
  return execute(process.execPath, command, { cwd: example, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

describe('the options', () => {
  it('are those of the blog post, unless others are given', () => {
    expect(parseOptions([], '/home')).toMatchObject({ data: 'beans', epochs: 4, batchSize: 16, learningRate: 2e-4 });
    const given = parseOptions(['--data', 'leaf', '--max-steps', '7', '--out', 'runs/x', '--resume'], '/home');
    expect(given).toMatchObject({ data: 'leaf', maxSteps: 7, resume: true });
    expect(parseOptions(['--help'], '/home')).toBeUndefined();
  });

  it.each([
    [['--epochs', '0'], "--epochs must be an integer >= 1, got '0'"],
    [['--learning-rate', 'fast'], "--learning-rate must be a number > 0, got 'fast'"],
    [['--engine', 'torch'], "--engine must be one of onnx, tfjs, got 'torch'"],
    [['--epoch', '3'], "Unknown option '--epoch'"],
  ])('%s: refused', (args, message) => {
    expect(() => parseOptions(args, '/home')).toThrow(message);
  });
});

it('without network and without a folder says what to put where', async () => {
  const { code, stderr } = await start();
  expect(code).toBe(1);
  expect(stderr).toContain('the Hub must not be asked');
  expect(stderr).toContain('leaf/train/healthy/1.jpg');
  expect(stderr).not.toContain('    at ');
}, 60_000);

it('makes a teacher of a pretrained ViT-Ti on real leaves', async ({ skip }) => {
  if (!existsSync(beans) || !existsSync(backbone)) skip('needs the photographs and the ViT-Ti of ../shared');
  const run = ['--max-steps', '12', '--learning-rate', '1e-4', '--out', 'run'];
  const { code, stdout, stderr } = await start('--data', beans, '--backbone', backbone, ...run);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const [, validation] = /validation: ([\d.]+) % right/.exec(stdout)!;
  expect(Number(validation)).toBeGreaterThan(60); // of three classes, after 192 photographs
  expect(stdout).toMatch(/test: [\d.]+ % right of 128 \(95 %: [\d.]+ % to [\d.]+ %\)/);
  const config = JSON.parse(await readFile(join(home, 'run', 'model', 'config.json'), 'utf8'));
  expect(Object.values(config.id2label)).toEqual(['angular_leaf_spot', 'bean_rust', 'healthy']);
  for (const file of ['model/model.safetensors', 'model/preprocessor_config.json', 'report.html', 'config.json']) {
    expect(existsSync(join(home, 'run', file)), file).toBe(true);
  }
}, 240_000);

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '@kd/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepRun } from './keep-run.ts';

let folder: string;
const write = (path: string, content: string | Uint8Array): void => {
  mkdirSync(join(folder, 'study', path, '..'), { recursive: true });
  writeFileSync(join(folder, 'study', path), content);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kd keep '));
  const tested = (logits: number[], ids = ['a.jpg', 'b.jpg']): Uint8Array =>
    writeSafetensors(
      [
        { name: 'logits', shape: [2, 2], data: Float32Array.from(logits) },
        { name: 'labels', shape: [2], data: Int32Array.of(0, 1) },
      ],
      { ids: JSON.stringify(ids) },
    );
  write('comparison.json', '{ "command": "npm start -- --data /mine/beans" }');
  for (const [run, logits] of [
    ['label smoothing/seed-7', [1, 0, 0, 1]],
    ['scratch/seed-7', [0, 1, 0, 1]],
  ] as const) {
    write(`${run}/result.safetensors`, tested([...logits]));
    write(`${run}/config.json`, '{ "data": "/mine/beans" }');
    write(`${run}/metrics.jsonl`, '{}\n');
    write(`${run}/model/model.safetensors`, 'weights');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

it('keeps settings, logs and predictions, no weights, and no path of the machine', () => {
  const target = join(folder, 'kept');
  expect(keepRun(join(folder, 'study'), target, ['/mine/=../shared/'])).toBe(6);
  const files = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.'));
  expect(files.some((name) => name.includes('model'))).toBe(false);
  expect(readFileSync(join(target, 'comparison.json'), 'utf8')).toContain('--data ../shared/beans');
  expect(readFileSync(join(target, 'scratch', 'seed-7', 'config.json'), 'utf8')).toContain('"../shared/beans"');
  expect(readFileSync(join(target, 'predictions.csv'), 'utf8')).toBe(
    'image,label,label smoothing 7,scratch 7\na.jpg,0,0,1\nb.jpg,1,1,1\n',
  );
});

it('keeps what an MNIST run found, without its pictures', () => {
  const run = join(folder, 'digits');
  mkdirSync(join(run, 'seed-1'), { recursive: true });
  const networks = [{ key: 'teacher', history: [{ epoch: 1 }, { epoch: 2 }], test: { errors: 67, images: 10000 } }];
  writeFileSync(
    join(run, 'results.json'),
    JSON.stringify({ seeds: [{ seed: 1, networks }], samples: [{ pixels: [255] }] }),
  );
  writeFileSync(join(run, 'seed-1', 'metrics.jsonl'), '{}\n');
  writeFileSync(join(run, 'report.html'), '<img>');
  expect(keepRun(run, join(folder, 'kept digits'), [])).toBe(2);
  expect(JSON.parse(readFileSync(join(folder, 'kept digits', 'results.json'), 'utf8'))).toEqual({
    seeds: [{ seed: 1, networks: [{ key: 'teacher', history: 2, test: { errors: 67, images: 10000 } }] }],
  });
});

it('refuses a study that has not ended, and keeps what was there', () => {
  const target = join(folder, 'before');
  mkdirSync(target);
  mkdirSync(join(folder, 'begun'));
  expect(() => keepRun(join(folder, 'begun'), target, [])).toThrow('is no study and no MNIST run that has ended');
  expect(existsSync(target)).toBe(true);
});

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../testing/serve-page.ts';
import { copyModels } from './copy-models.ts';
import { parseOptions } from './options.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'kd site '));
  const files = [
    'run/config.json',
    'run/teacher/868f/answers.arrow',
    'run/checkpoint-2/model.safetensors',
    'run/student/config.json',
    'run/student/model.safetensors',
    'run/student/preprocessor_config.json',
    'run/student/README.md',
    'run/samples/own.png',
    'fine-tuned/model/config.json',
    'fine-tuned/model/model.safetensors',
    'leaves/1.jpg',
    'leaves/notes.txt',
    'garden/rose.txt',
  ];
  for (const file of files) {
    await mkdir(dirname(join(home, file)), { recursive: true });
    await writeFile(join(home, file), `content of ${file}`);
  }
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('copyModels', () => {
  it('copies what the page loads, with a teacher and images from elsewhere, and lists it', async () => {
    const page = join(home, 'page');
    const [run, teacher, samples] = ['run', 'fine-tuned', 'leaves'].map((name) => join(home, name));
    const { run: name, files } = await copyModels(page, { run: run!, teacher: teacher!, samples: samples! });
    expect(name).toBe(`${basename(home)}/run`);
    expect([...files].sort()).toEqual([
      'samples/1.jpg',
      'student/config.json',
      'student/model.safetensors',
      'student/preprocessor_config.json',
      'teacher/config.json',
      'teacher/model.safetensors',
    ]);
    const there = await readdir(join(page, 'models'), { recursive: true, withFileTypes: true });
    expect(there.filter((entry) => entry.isFile())).toHaveLength(files.length + 1);
    expect(await readFile(join(page, 'models', 'teacher', 'config.json'), 'utf8')).toBe(
      'content of fine-tuned/model/config.json',
    );
    expect(JSON.parse(await readFile(join(page, 'models', 'models.json'), 'utf8'))).toEqual({ run: name, files });
  });

  it.each([
    [{ run: 'garden' }, /^--run: there is no student in '.*garden'/],
    [{ run: 'nowhere' }, /^--run: cannot read the folder '.*nowhere'/],
    [{ run: 'run', teacher: 'garden' }, /^--teacher: there is no network in '.*garden'/],
    [{ run: 'run', samples: 'garden' }, /^--samples: there are no PNG, .* images in '.*garden'/],
  ])('refuses %j', async (folders, message) => {
    const paths = Object.fromEntries(Object.entries(folders).map(([option, name]) => [option, join(home, name)]));
    await expect(copyModels(join(home, 'x'), paths)).rejects.toThrow(message);
  });
});

describe('the options', () => {
  it('start from the folder of the user', () => {
    expect(parseOptions(['serve'], '/home')).toEqual({ command: 'serve', port: 4173 });
    expect(parseOptions(['write', '--run', 'a', '--out', '/b'], '/home')).toMatchObject({ run: '/home/a', out: '/b' });
    expect(parseOptions(['serve', '--help'], '/home')).toBeUndefined();
  });

  it.each([
    [['serve', '--port', 'x'], "--port must be a whole number from 1 to 65535, got 'x'"],
    [['serve', '--runs', 'x'], "Unknown option '--runs'"],
    [['build'], "'build' is not a command"],
  ])('%s: refused', (args, message) => {
    expect(() => parseOptions(args, '/home')).toThrow(message);
  });
});

it('does not empty a folder that is none of its own, and says so in a sentence', async () => {
  const { code, output } = await runProgram(['write', '--out', 'leaves'], home);
  expect(output.trim()).toMatch(/^--out: '.*leaves' is not empty, and no earlier page; give another folder$/);
  expect(code).toBe(1);
  expect(await readdir(join(home, 'leaves'))).toEqual(['1.jpg', 'notes.txt']);
}, 60_000);

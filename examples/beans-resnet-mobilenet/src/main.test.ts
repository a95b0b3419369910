import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
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
// Hugging Face's own file of a ResNet with bottlenecks, of which two layers are enough to go the whole way.
const resnet = join(shared, 'goldens', 'hf', 'models', 'resnet_bottleneck');
const isThere = [beans, resnet].every(existsSync);

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'kd beans '));
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
  it('are the guide’s, a preset’s, and those that are given', () => {
    expect(parseOptions([], '/home')).toMatchObject({
      teacher: 'microsoft/resnet-50',
      teacherEpochs: 0,
      forceTeacher: true,
      temperature: 5,
      lambda: 0.5,
      epochs: 30,
    });
    const corrected = parseOptions(['--preset', 'corrected'], '/home');
    expect(corrected).toMatchObject({ teacherEpochs: 3, forceTeacher: false, batchNormMomentum: 0.997 });
  });

  it('are checked', () => {
    expect(() => parseOptions(['--teacher-epochs', '-1'], '/home')).toThrow(/--teacher-epochs/);
  });
});

describe.skipIf(!isThere)(`on real leaves${isThere ? '' : ' (skipped: needs beans and fixtures of ../shared)'}`, () => {
  beforeAll(async () => {
    for (const split of ['train', 'validation', 'test']) {
      for (const name of ['angular_leaf_spot', 'bean_rust', 'healthy']) {
        await mkdir(join(home, 'leaves', split, name), { recursive: true });
        for (const file of (await readdir(join(beans, split, name))).sort().slice(0, 8)) {
          await cp(join(beans, split, name, file), join(home, 'leaves', split, name, file));
        }
      }
    }
  });

  const small = ['--data', 'leaves', '--teacher', resnet, '--image-size', '32', '--epochs', '1'];

  it('as published distils from a head that knows nothing, and says so', async () => {
    const { code, stdout, stderr } = await start(...small, '--out', 'published');
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/It is right on [\d.]+% of 24 validation images \(95 %: .* chance 33.33%\)/);
    const { rows } = JSON.parse(await readFile(join(home, 'published', 'comparison.json'), 'utf8'));
    expect(rows.map(({ arm }: { arm: string }) => arm)).toEqual(['scratch', 'label smoothing', 'distilled']);
  }, 180_000);

  it('corrected has the teacher learn first, keeps it, and refuses one that still knows nothing', async () => {
    const corrected = ['--preset', 'corrected', ...small, '--teacher-epochs', '1', '--out', 'corrected'];
    const refused = await start(...corrected);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('It learns the labels first.');
    expect(refused.stderr).toMatch(
      /study: the teacher is right on [\d.]+% of 24 validation images .* forceTeacher: true/,
    );
    expect(existsSync(join(home, 'corrected', 'teacher-model', 'model', 'model.safetensors'))).toBe(true);
    const forced = await start(...corrected, '--force-teacher', '--resume');
    expect(forced.code).toBe(0);
    expect(forced.stdout).not.toContain('It learns the labels first.');
  }, 180_000);
});

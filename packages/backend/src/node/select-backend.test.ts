import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const source = fileURLToPath(new URL('./index.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** What a fresh process prints: a backend is chosen once for each. */
async function inProcess(code: string, environment: Record<string, string> = {}): Promise<string> {
  const program = `import { selectBackend } from ${JSON.stringify(source)};\nimport * as tf from '@tensorflow/tfjs-core';\n${code}`;
  const args = ['--conditions=@kd/source', '--import', tsx, '--input-type=module', '--eval', program];
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const env = { ...process.env, KD_CACHE_DIR: join(tmpdir(), 'kd has no builds here'), ...environment };
  const { stdout } = await run(process.execPath, args, { cwd, env });
  return stdout.trim();
}

describe('selectBackend', () => {
  it('takes WebAssembly where no native backend is installed, says why, and trains on it', async () => {
    const answer = JSON.parse(
      await inProcess(`
        const selected = await selectBackend();
        const again = await selectBackend();
        console.log(JSON.stringify({ ...selected, same: again === selected, current: tf.getBackend(), adam: !!tf.getKernel('KdAdam', 'wasm') }));`),
    );
    expect(answer).toMatchObject({ name: 'wasm', current: 'wasm', same: true, adam: true });
    expect(answer.summary).toContain('tfjs-node is not installed');
    expect(answer.skipped.map((each: { remedy: string }) => each.remedy)).toContain(
      'npm install @tensorflow/tfjs-node, or npx @kd/backend install-tensorflow (Linux x64)',
    );
  });

  it.each([
    ['the option', `selectBackend({ backend: 'cpu' })`, {}],
    ['KD_BACKEND', 'selectBackend()', { KD_BACKEND: 'cpu' }],
  ])('obeys %s', async (_, call, environment) => {
    expect(await inProcess(`console.log((await ${call}).name, tf.getBackend());`, environment)).toBe('cpu cpu');
  });

  it("leaves nobody who throws uncaught errors again, behind a WebAssembly module's code", async () => {
    const printed = await inProcess(`
      const own = () => {};
      process.on('uncaughtException', own);
      await selectBackend({ backend: 'wasm' });
      console.log(process.listeners('uncaughtException')[0] === own);
      console.log(process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection'));`);
    expect(printed.split('\n')).toEqual(['true', '1 0']);
  });

  it('completes WebAssembly once, however often it is asked for', async () => {
    const printed = await inProcess(`
      await selectBackend({ backend: 'wasm' });
      const kernel = tf.getKernel('BatchMatMul', 'wasm').kernelFunc;
      await selectBackend({ backend: 'cpu' });
      await selectBackend({ backend: 'wasm' });
      console.log(tf.getBackend(), tf.getKernel('BatchMatMul', 'wasm').kernelFunc === kernel);`);
    expect(printed).toBe('wasm true');
  });

  it('takes back what it registered, and registers it again, on request', async () => {
    const printed = await inProcess(`
      for (const complete of [true, false, false, true]) {
        const { summary } = await selectBackend({ backend: 'wasm', complete });
        console.log(!!tf.getKernel('Conv2DBackpropFilter', 'wasm'), summary.includes('as it comes'));
      }`);
    expect(printed.split('\n')).toEqual(['true false', 'false true', 'false true', 'true false']);
  });

  it('passes over a backend that cannot train the model', async () => {
    const answer = await inProcess(`
      const { layers, sequential } = await import('@tensorflow/tfjs-layers');
      const createModel = () => sequential({ layers: [layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] })] });
      const { summary } = await selectBackend({ complete: false, createModel });
      console.log(summary);
      console.log((await selectBackend({ backend: 'wasm', complete: true, createModel })).name, tf.memory().numTensors);`);
    expect(answer).toContain('wasm is without Conv2DBackpropFilter, which training this model needs');
    expect(answer).toMatch(/\nwasm 0$/);
  });

  it('says that WebGPU is not there, which is tried only if it is asked for', async () => {
    const message = await inProcess(
      `await selectBackend({ backend: 'webgpu' }).catch((error) => console.log(error.message));`,
    );
    expect(message).toContain("'webgpu' cannot be used: webgpu: not installed (npm install webgpu @tensorflow/");
  });

  it('refuses an unknown name, and one that cannot be used', async () => {
    const message = (call: string, environment = {}) =>
      inProcess(`await ${call}.catch((error) => console.log(error.code, error.message));`, environment);
    expect(await message('selectBackend()', { KD_BACKEND: 'cuda' })).toBe(
      "NOT_FOUND selectBackend: KD_BACKEND is 'cuda'; it must be one of tfjs-node-gpu, tfjs-node, wasm, cpu, webgpu",
    );
    expect(await message(`selectBackend({ backend: 'tfjs-node' })`)).toContain(
      "'tfjs-node' cannot be used: tfjs-node: not installed (npm install @tensorflow/tfjs-node, or npx",
    );
  });
});

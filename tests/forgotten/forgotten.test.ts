// What somebody sees who has not installed something: one line that names the command. Each in a process of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));

/** Runs code that fails. @returns the error's code and message */
async function failure(code: string, env: NodeJS.ProcessEnv): Promise<string> {
  const program = `try { ${code}; console.log('no error') } catch (error) { console.log(error.code + ' ' + error.message) }`;
  const flags = ['--conditions=@kd/source', '--import', 'tsx', '--import', './without.mjs', '--input-type=module'];
  const { stdout } = await run(process.execPath, [...flags, '--eval', program], {
    cwd: here,
    env: { ...process.env, ...env },
  });
  return stdout.trim();
}

const PIXEL = `Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64')`;
const DECODE = `const { decodeImage } = await import('@kd/data/node'); await decodeImage(${PIXEL})`;
const TENSORFLOW = '@tensorflow/tfjs-node @tensorflow/tfjs-node-gpu';
const MODEL = `
  await import('@tensorflow/tfjs-backend-cpu');
  const { mlp } = await import('@kd/models');
  const model = mlp({ hiddenSizes: [4], classNames: ['a', 'b'] });`;

const FORGOTTEN: readonly [what: string, code: string, env: NodeJS.ProcessEnv, expected: RegExp][] = [
  [
    'a backend',
    "const { mlp } = await import('@kd/models'); mlp({ hiddenSizes: [4], classNames: ['a', 'b'] })",
    {},
    /^NOT_FOUND mlp: TensorFlow.js has no backend yet: .*selectBackend\(\).*@tensorflow\/tfjs-backend-wasm.*npm install/,
  ],
  [
    'gradients',
    `await import('@tensorflow/tfjs-backend-cpu');
    const tf = await import('@tensorflow/tfjs-core');
    const { distillationLoss } = await import('@kd/losses');
    const logits = tf.tensor2d([[1, 2]]);
    distillationLoss(logits, logits); // takes none
    tf.grad((x) => distillationLoss(x, logits))(logits)`,
    {},
    /^NOT_FOUND distillationLoss: TensorFlow.js has no gradients of its operations yet: import '@tensorflow\/tfjs-layers'/,
  ],
  [
    'every backend',
    "const { selectBackend } = await import('@kd/backend/node'); await selectBackend()",
    {
      KD_WITHOUT: `${TENSORFLOW} @tensorflow/tfjs-backend-wasm @tensorflow/tfjs-backend-cpu`,
      KD_CACHE_DIR: '/nowhere', // else it may find a TensorFlow of its own
    },
    /^NOT_FOUND selectBackend: no backend can be used: .*wasm: not installed \(npm install @tensorflow\/tfjs-backend-wasm\)/,
  ],
  [
    'sharp',
    DECODE,
    { KD_WITHOUT: 'sharp' },
    /^NOT_FOUND decodeImage: decoding images takes the package sharp, which is not installed: run `npm install sharp`$/,
  ],
  [
    "sharp's binary",
    DECODE,
    { KD_WITHOUT_BINARIES: 'yes' },
    /^UNAVAILABLE decodeImage: sharp, which decodes images, has no binary that loads on .* mips: run `npm install --include=optional sharp` on this machine/,
  ],
  [
    '@kd/data, for training',
    `${MODEL}
    const { evaluate } = await import('@kd/train/node');
    await evaluate(model, { length: 1, get: () => ({}), classNames: ['a', 'b'] })`,
    { KD_WITHOUT: '@kd/data' },
    /^NOT_FOUND evaluate: .* takes the package @kd\/data, which is not installed: run `npm install @kd\/data`/,
  ],
  [
    '@kd/data, for predicting',
    `${MODEL} const { predict } = await import('@kd/models/node'); await predict(model, 'leaf.jpg')`,
    { KD_WITHOUT: '@kd/data' },
    /^NOT_FOUND predict: reading images takes the package @kd\/data, which is not installed: run `npm install @kd\/data`/,
  ],
  [
    'onnxruntime-node',
    "const { loadOnnxRuntime } = await import('@kd/onnx/node'); await loadOnnxRuntime()",
    { KD_WITHOUT: 'onnxruntime-node' },
    /^NOT_FOUND loadOnnxRuntime: onnxruntime-node is not installed; npm install onnxruntime-node/,
  ],
  [
    "onnxruntime-node's binary",
    "const { loadOnnxRuntime } = await import('@kd/onnx/node'); await loadOnnxRuntime()",
    { KD_WITHOUT_BINARIES: 'yes' },
    /^UNAVAILABLE loadOnnxRuntime: onnxruntime-node has no binary that loads on .* mips/,
  ],
];

describe('one line says what to install to who forgets', () => {
  it.each(FORGOTTEN)('%s', async (_, code, env, expected) => {
    const said = await failure(code, env);
    expect(said).toMatch(expected);
    expect(said.split('\n')).toHaveLength(1);
  });
});

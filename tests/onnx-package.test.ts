// @kd/onnx is used alone: packed with what it depends on, installed by npm outside of this workspace, with ONNX Runtime and without.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Packed } from '../scripts/lib/package/pack.mjs';
import { type OutsideProject, outsideProject, RESOLUTIONS, typeErrors } from './lib/outside-project.ts';

/** As the message for whoever does not have it says: without the script, which would only fetch CUDA. */
const RUNTIME = ['onnxruntime-node@1.30.0', '--ignore-scripts'];

let project: OutsideProject;
let packed: Packed;
let offline = false;

beforeAll(() => {
  project = outsideProject('onnx');
  const ours = ['core', 'ops', 'onnx'].map((name) => project.pack(name)); // in the order in which they are built
  packed = ours[2]!;
  offline = !project.install(...ours.map(({ tarball }) => tarball), '@tensorflow/tfjs@4.22.0', '@types/node@20');
}, 300_000);

afterAll(() => project.remove());

function needNetwork({ skip }: TestContext): void {
  if (offline) skip('the package registry cannot be reached');
}

describe('@kd/onnx as a tarball', () => {
  it('holds code, sources, README and licence, but no tests', () => {
    const files = readdirSync(packed.content, { recursive: true, encoding: 'utf8' }).map((file) =>
      file.replaceAll('\\', '/'),
    );
    const wanted = [
      'LICENSE',
      'README.md',
      'dist/index.js',
      'dist/node/index.js',
      'dist/node/index.d.ts',
      'package.json',
    ];
    expect(files).toEqual(expect.arrayContaining(wanted));
    expect(files.filter((file) => /test|fixture|\blab\b|tsbuildinfo|node_modules/.test(file))).toEqual([]);
  });

  it('does not speak of the workspace', () => {
    expect(readFileSync(join(packed.content, 'package.json'), 'utf8')).not.toMatch(/workspace:|catalog:/);
  });
});

const WITHOUT_RUNTIME = `
import { compile, onnxEngine } from '@kd/onnx/node';
import * as tf from '@tensorflow/tfjs';

await compile((x) => tf.square(x))(tf.scalar(2)).catch(({ code, message }) => console.log(code + ' ' + message));
const eager = { name: 'eager', step: async () => ({}) };
const engine = onnxEngine({ fallback: () => eager, onWarning: (line) => console.log(line) });
console.log((await engine({})).name);
`;

/** What is marked must be refused, and all else must be right. */
const CONSUMER = `
import { type Graph, toOnnx, traceFunction } from '@kd/onnx';
import { compile, type CompiledForward, compileForward, exportOnnx } from '@kd/onnx/node';
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
export const bytes: Promise<Uint8Array> = toOnnx(model);
export const done: Promise<void> = exportOnnx(model, 'model.onnx', { outputName: 'scores' });
export const forward: CompiledForward = compileForward(model);
export const graph: Graph = traceFunction((x) => tf.neg(x!), [{ shape: [2], dtype: 'float32' }]);
export const sum: Promise<tf.Scalar> = compile((x: tf.Tensor1D) => tf.sum<tf.Scalar>(x))(tf.tensor1d([1]));

// @ts-expect-error an array for a tensor
compile((x: tf.Tensor1D) => tf.neg(x))([1, 2]);
// @ts-expect-error a misspelt option
exportOnnx(model, 'model.onnx', { outputsName: 'scores' });
`;

describe('@kd/onnx in a project of its own', () => {
  it('says in one line that ONNX Runtime is missing, and lets another engine run', (context) => {
    needNetwork(context);
    expect(existsSync(join(project.folder, 'node_modules/onnxruntime-node'))).toBe(false);
    writeFileSync(join(project.folder, 'without.js'), WITHOUT_RUNTIME);
    const why = `loadOnnxRuntime: onnxruntime-node is not installed; npm install ${RUNTIME.join(' ')}`;
    const printed = project.node('without.js');
    expect(printed.trim().split('\n')).toEqual([`NOT_FOUND ${why}`, `onnx: eager runs instead: ${why}`, 'eager']);
  });

  describe('with onnxruntime-node', () => {
    beforeAll(() => {
      if (!offline) offline = !project.install(...RUNTIME);
    }, 300_000);

    it('runs the first example of its README in plain JavaScript', (context) => {
      needNetwork(context);
      const { printed, expected } = project.runExample(join(packed.content, 'README.md'));
      expect(expected).not.toBe('');
      expect(printed).toBe(expected);
    });

    it.for(RESOLUTIONS)(
      'has types that catch mistakes, in a strict project that resolves as %s',
      ([, options], context) => {
        needNetwork(context);
        const path = join(project.folder, 'consumer.ts');
        writeFileSync(path, CONSUMER);
        expect(typeErrors(path, { ...options, types: ['node'] })).toEqual([]);
      },
    );
  });
});

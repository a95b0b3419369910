// A package is used alone: packed, installed by npm outside of this workspace, next to the TF.js of the user's choice.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Packed } from '../scripts/lib/package/pack.mjs';
import { type OutsideProject, outsideProject, RESOLUTIONS, typeErrors } from './lib/outside-project.ts';

let project: OutsideProject;
let packed: Packed;
let offline = false;

beforeAll(() => {
  project = outsideProject('losses');
  packed = project.pack('losses');
  offline = !project.install(packed.tarball, '@tensorflow/tfjs@4.22.0');
}, 300_000);

afterAll(() => project.remove());

function needNetwork({ skip }: TestContext): void {
  if (offline) skip('the package registry cannot be reached');
}

describe('@kd/losses as a tarball', () => {
  it('holds code, sources, README and licence, but no tests', () => {
    const files = readdirSync(packed.content, { recursive: true, encoding: 'utf8' }).map((file) =>
      file.replaceAll('\\', '/'),
    );
    const wanted = ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'package.json', 'src/index.ts'];
    expect(files).toEqual(expect.arrayContaining(wanted));
    expect(files.filter((file) => /test|fixture|tsbuildinfo|node_modules/.test(file))).toEqual([]);
  });

  it('documents its declarations, and leaves the comments out of what runs', () => {
    const read = (file: string): string => readFileSync(join(packed.content, 'dist', 'logits', file), 'utf8');
    expect(read('kl-divergence-loss.d.ts')).toContain('@example');
    expect(read('kl-divergence-loss.js').replace(/^\/\/# sourceMappingURL=.*$/m, '')).not.toMatch(/\/\*\*|^\s*\/\//m);
  });

  it('does not speak of the workspace', () => {
    expect(readFileSync(join(packed.content, 'package.json'), 'utf8')).not.toMatch(/workspace:|catalog:/);
  });
});

/** Every kind of mistake that the types are there to catch; all that is not marked must be right. */
const CONSUMER = `
import { type CrossEntropyOptions, crossEntropy, type DistillationOptions, distillationLoss } from '@kd/losses';
import * as tf from '@tensorflow/tfjs-core';

const logits = tf.tensor2d([[1, 0]]);
const labels = tf.tensor1d([0], 'int32');
const smoothing: CrossEntropyOptions = { labelSmoothing: 0.1 };
const options: DistillationOptions = { temperature: 4, reduction: 'sum' };
export const losses: tf.Scalar[] = [crossEntropy(logits, labels, smoothing), distillationLoss(logits, logits, labels, options)];
export const rows: tf.Tensor1D = distillationLoss(logits, logits, undefined, { reduction: 'none' });

// @ts-expect-error a misspelt option
distillationLoss(logits, logits, labels, { temprature: 4 });
// @ts-expect-error no such word
distillationLoss(logits, logits, labels, { reduction: 'average' });
// @ts-expect-error one-hot labels
distillationLoss(logits, logits, logits);
// @ts-expect-error an array for a tensor
crossEntropy([[1, 0]], labels);
// @ts-expect-error one value for each sample is not a scalar
export const one: tf.Scalar = distillationLoss(logits, logits, undefined, { reduction: 'none' });
`;

describe('@kd/losses in a project of its own', () => {
  it('shares the one TF.js core of the project', (context) => {
    needNetwork(context);
    const cores = readdirSync(join(project.folder, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('@tensorflow/tfjs-core/package.json'));
    expect(cores).toEqual(['@tensorflow/tfjs-core/package.json']);
  });

  it.for(RESOLUTIONS)(
    'has types that catch mistakes, in a strict project that resolves as %s',
    ([, options], context) => {
      needNetwork(context);
      const path = join(project.folder, 'consumer.ts');
      writeFileSync(path, CONSUMER);
      expect(typeErrors(path, options)).toEqual([]);
    },
  );

  it('runs the first example of its README in plain JavaScript', (context) => {
    needNetwork(context);
    const { printed, expected } = project.runExample(join(packed.content, 'README.md'));
    expect(expected).not.toBe('');
    expect(printed).toBe(expected);
  });
});

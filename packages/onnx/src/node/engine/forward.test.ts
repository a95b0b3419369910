import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '@kd/core';
import { modelTeacher, type StepEngineFactory, tfjsEngine } from '@kd/train';
import { distill } from '@kd/train/node';
import { expect, it } from 'vitest';
import { digits, network, testDigits } from '../../../../train/src/testing/digits.ts';
import { type OnnxEngineOptions, onnxEngine } from './onnx-engine.ts';

/** Typed as the loop has it: what holds the two packages together. */
const engine = (options: OnnxEngineOptions = {}): StepEngineFactory =>
  onnxEngine({ threads: 1, cacheDir: false, ...options });

const context = { seed: 0, epoch: 0, step: 0, ids: new Uint32Array() };

async function firstBatch(): Promise<Batch> {
  for await (const batch of testDigits(100).epoch(0)) return batch;
  throw new Error('no batch');
}

it("gives a teacher's logits, those of the model on TF.js", async () => {
  const model = network();
  const batch = await firstBatch();
  const forward = engine().forward!(model);
  const fast = await modelTeacher(model, { forward }).logits(batch, context);
  const eager = await modelTeacher(model).logits(batch, context);
  expect(Math.max(...fast.map((logit, i) => Math.abs(logit - eager[i]!)))).toBeLessThan(1e-4);
  expect(await forward(batch)).toEqual(fast);
});

it('leaves it to the model, after one line, where that cannot be compiled and there is a fallback', async () => {
  const model = network();
  model.apply = () => {
    throw new Error('not in a graph');
  };
  const batch = await firstBatch();
  const warnings: string[] = [];
  const onWarning = (line: string): void => void warnings.push(line);
  const forward = engine({ fallback: tfjsEngine(), onWarning }).forward!(model);
  expect([await forward(batch), await forward(batch)]).toEqual([undefined, undefined]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^onnx: the model is asked on TF.js instead: .*not in a graph/);
  await expect(engine().forward!(model)(batch)).rejects.toThrow('not in a graph');
});

it('still answers for images of the right size after some of a wrong one', async () => {
  const model = network();
  const batch = await firstBatch();
  const warnings: string[] = [];
  const onWarning = (line: string): void => void warnings.push(line);
  const forward = engine({ fallback: tfjsEngine(), onWarning }).forward!(model);
  const [rows] = batch.images.shape as [number];
  const small: Batch = { ...batch, images: { data: batch.images.data.slice(0, rows * 100), shape: [rows, 10, 10, 1] } };
  expect([await forward(small), await forward(small)]).toEqual([undefined, undefined]);
  expect(warnings).toHaveLength(1);
  expect(await forward(batch)).toEqual(await engine().forward!(model)(batch));
});

it('is what distill asks a model by', async () => {
  const outputDir = await mkdtemp(join(tmpdir(), 'kd forward '));
  let asked = 0;
  const made = engine();
  const counted: StepEngineFactory = Object.assign((run: Parameters<StepEngineFactory>[0]) => made(run), {
    forward: (model: Parameters<NonNullable<StepEngineFactory['forward']>>[0]) => {
      const forward = made.forward!(model);
      return (batch: Batch) => {
        asked += batch.ids.length;
        return forward(batch);
      };
    },
  });
  const options = { train: digits(64), epochs: 2, outputDir, reportTo: 'none' as const };
  await distill({ teacher: network({ seed: 4 }), student: network(), engine: counted, ...options });
  expect(asked).toBe(64); // once each
  await rm(outputDir, { recursive: true });
});

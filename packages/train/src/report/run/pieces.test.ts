import { arrayDataset, dataLoader } from '@kd/data';
import { describe, expect, it } from 'vitest';
import { disagreedRows, worstRows } from './chosen-rows.ts';
import { findPictures } from './find-pictures.ts';
import { probabilities } from './probabilities.ts';
import { createRateCurve } from './rate-curve.ts';
import type { ReportAnswers } from './run-report.ts';
import { thumbnail } from './thumbnail.ts';

const answers: ReportAnswers = {
  labels: Int32Array.of(0, 1, 0, 1),
  ids: [0, 1, 2, 3],
  classes: 2,
  epoch: 1,
  logits: Float32Array.of(0, 1, 0, 2, 0, 5, 3, 0), // wrong, right, very wrong, wrong
  teacherLogits: Float32Array.of(1, 0, 9, 0, 0, 5, 0, 1), // differs on 0, 1 and 3
};

describe('chosen rows', () => {
  it('are the errors with the least probability of the label', () => {
    expect(worstRows(answers, 12)).toEqual([2, 3, 0]);
    expect(worstRows(answers, 2)).toEqual([2, 3]);
  });

  it('are the contradictions of which both are surest', () => {
    // The products of confidences are .534, .881 and .696.
    expect(disagreedRows(answers, 2)).toEqual({ rows: [1, 3], total: 3 });
  });
});

describe('probabilities', () => {
  it('sum to 1, soften with the temperature, and do not overflow', () => {
    const scores = { logits: Float32Array.of(0, 0, 1000, 998), classes: 2 };
    const [first, second] = probabilities(scores, 1);
    expect(first).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
    expect(first! + second!).toBeCloseTo(1, 12);
    expect(probabilities(scores, 1, 2)[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
  });
});

describe('thumbnail', () => {
  const batchOf = (data: Uint8Array | Float32Array, shape: number[]) => ({
    ids: Uint32Array.of(0),
    images: { data, shape },
  });

  it('keeps the pixels of a small image, of the right one', () => {
    const batch = batchOf(
      Uint8Array.from({ length: 24 }, (_, i) => i),
      [2, 2, 2, 3],
    );
    expect(thumbnail(batch, 1)).toEqual({
      data: Uint8Array.from({ length: 12 }, (_, i) => 12 + i),
      width: 2,
      height: 2,
      channels: 3,
    });
  });

  it('undoes the normalisation of float images', () => {
    const [mean, std] = [
      [0.5, 0.4, 0.3],
      [0.2, 0.25, 0.3],
    ];
    const pixels = [10, 200, 30, 255, 0, 128];
    const data = Float32Array.from(pixels, (value, i) => (value / 255 - mean[i % 3]!) / std[i % 3]!);
    expect([...(thumbnail(batchOf(data, [1, 1, 2, 3]), 0, { mean, std }).data as Uint8Array)]).toEqual(pixels);
  });

  it('stretches float images of which nothing is known', () => {
    const shown = thumbnail(batchOf(Float32Array.of(-2, 0, 2), [1, 1, 3, 1]), 0);
    expect([...(shown.data as Uint8Array)]).toEqual([0, 128, 255]);
    const flat = thumbnail(batchOf(new Float32Array(3).fill(4), [1, 1, 3, 1]), 0);
    expect([...(flat.data as Uint8Array)]).toEqual([0, 0, 0]);
  });

  it('makes blocks of large images their mean', () => {
    const [height, width] = [192, 100]; // blocks of 2 x 2
    const data = Uint8Array.from({ length: height * width }, (_, i) => ((i + Math.floor(i / width)) % 2 ? 100 : 200));
    const shown = thumbnail(batchOf(data, [1, height, width, 1]), 0);
    expect([shown.width, shown.height, shown.channels]).toEqual([50, 96, 1]);
    expect(new Set(shown.data as Uint8Array)).toEqual(new Set([150]));
  });
});

describe('findPictures', () => {
  const data = Uint8Array.from({ length: 10 }, (_, i) => i * 20);
  const loader = dataLoader(arrayDataset({ images: { data, shape: [10, 1, 1] } }), { batchSize: 4, output: 'uint8' });
  const ids = [...data.keys()];

  it('finds the images of rows, reading only their batches', async () => {
    const read: [number, number][] = [];
    const watched = {
      ...loader,
      epoch: (index: number, from = 0) => {
        read.push([index, from]);
        return loader.epoch(index, from);
      },
    };
    const found = await findPictures(watched, ids, [9, 0, 9, 1]);
    expect(found.map(({ row, pixels }) => [row, pixels.data[0]])).toEqual([
      [9, 180],
      [0, 0],
      [1, 20],
    ]);
    expect(read).toEqual([
      [0, 2],
      [0, 0],
    ]);
  });

  it('shows no image under the id of another', async () => {
    // As of a loader that left out image 1.
    const shifted = ids.filter((id) => id !== 1);
    const found = await findPictures(loader, shifted, [0, 4]);
    expect(found.map(({ row }) => row)).toEqual([0]);
  });
});

describe('the rate curve', () => {
  it('has few points however many steps there are, spread evenly, and the newest', () => {
    const curve = createRateCurve();
    for (let step = 1; step <= 100_000; step++) curve.add({ epoch: step / 1000, learningRate: step });
    const points = curve.points().map(({ learningRate }) => learningRate);
    expect(points.length).toBeGreaterThan(250);
    expect(points.length).toBeLessThan(620);
    expect(points[0]).toBe(1);
    expect(points.at(-1)).toBe(100_000);
    const gaps = points.slice(1, -1).map((value, i) => value - points[i]!);
    expect(new Set(gaps).size).toBe(1);
  });
});

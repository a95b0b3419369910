import { readFile } from 'node:fs/promises';
import { readSafetensors } from '@kd/core';
import { fromPretrained, predict } from '@kd/models/node';
import * as tf from '@tensorflow/tfjs-core';
import { runPython } from '../lib/python.ts';

export interface PretrainedComparison {
  images: number;
  /** Largest difference of a logit, both given the pixel values of Python. */
  logits: number;
  /** Largest logit. */
  largest: number;
  /** Images whose five best classes are the same in the same order, given the pixel values of Python. */
  topFive: number;
  /** Largest difference of a score of those five when each reads and prepares the file itself. */
  scores: number;
  /** Images whose best class is the same when each reads and prepares the file itself. */
  best: number;
}

const largestOf = (values: Iterable<number>): number => [...values].reduce((a, b) => Math.max(a, b), 0);

/** A model in Python's transformers and here, on the same photographs. @param folder for files on the way */
export async function comparePretrained(
  place: string,
  images: readonly string[],
  folder: string,
): Promise<PretrainedComparison> {
  const out = `${folder}/reference.safetensors`;
  await runPython('transformers', 'reference.py', place, out, ...images);
  const { tensors } = readSafetensors(await readFile(out));
  const [pixels, reference] = ['pixel_values', 'logits'].map((name) => tensors.find((each) => each.name === name)!);
  const model = await fromPretrained(place);
  const x = tf.transpose(
    tf.tensor4d(pixels!.data as Float32Array, pixels!.shape as tf.Tensor4D['shape']),
    [0, 2, 3, 1],
  );
  const logits = model.predict(x, { batchSize: 8 }) as tf.Tensor2D;
  const theirs = tf.tensor2d(reference!.data as Float32Array, reference!.shape as [number, number]);

  const order = (values: tf.Tensor2D): number[][] => tf.topk(values, 5).indices.arraySync() as number[][];
  const [mine, python] = [order(logits), order(theirs)];
  const probabilities = tf.softmax(theirs).arraySync();
  const found = await predict(model, images);
  return {
    images: images.length,
    logits: tf.max(tf.abs(tf.sub(logits, theirs))).dataSync()[0]!,
    largest: tf.max(tf.abs(theirs)).dataSync()[0]!,
    topFive: mine.filter((five, i) => five.join() === python[i]!.join()).length,
    scores: largestOf(
      found.flatMap((five, i) => five.map(({ index, score }) => Math.abs(score - probabilities[i]![index]!))),
    ),
    best: found.filter(([first], i) => first!.index === python[i]![0]).length,
  };
}

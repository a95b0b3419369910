import type { Batch, ImageArray, RandomSource, TeacherImages } from '@kd/core';

/** Where a batch stands. */
export interface BatchAddress {
  seed: number;
  epoch: number;
  /** Number of the batch in its epoch, from 0. */
  batch: number;
  /** How many there are. */
  classes: number;
}

/** What changes whole batches, the same way for the same seed, epoch and batch. */
export interface BatchTransform {
  /** All there is to know of it, JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** A new batch, or the same with its arrays changed: they are its own. */
  apply(batch: Batch, address: BatchAddress): Batch;
}

/**
 * Share of the first of two, from Beta(concentration, concentration): 1 is any share alike, smaller ones are nearer to
 * 0 or 1. From two gamma variables (Marsaglia and Tsang 2000), as logarithms: those of small ones are too small themselves.
 */
export function betaShare(random: RandomSource, concentration: number): number {
  const first = logGamma(random, concentration);
  return 1 / (1 + Math.exp(logGamma(random, concentration) - first));
}

function logGamma(random: RandomSource, shape: number): number {
  if (shape < 1) return logGamma(random, shape + 1) + Math.log(1 - random.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/**
 * A batch of mixed samples: `images`, and for each sample `share` of its own class and the rest of its partner's. The
 * partner is the sample before it, the last one for the first.
 *
 * What the batch says of ids and views is no longer so, and what was remembered for them does not hold: there is no
 * `source`, the images are `fresh`, and the teacher is asked about these very ones.
 *
 * @param mix applied to the student's images, and to the teacher's
 */
export function mixedBatch(
  batch: Batch,
  mix: (images: ImageArray) => ImageArray,
  share: number,
  classes: number,
): Batch {
  const { ids, labels, normalization, teacherImages } = batch;
  const before = batch.targets ?? (labels && oneHot(labels, classes));
  return {
    ids,
    images: mix(batch.images),
    ...(normalization && { normalization }),
    ...(teacherImages && { teacherImages: mixedForTeacher(teacherImages, mix) }),
    fresh: true,
    ...(before && { targets: mixRows(before, classes, share) }),
  };
}

function mixedForTeacher(
  { data, shape, normalization }: TeacherImages,
  mix: (images: ImageArray) => ImageArray,
): TeacherImages {
  return { ...mix({ data, shape }), ...(normalization && { normalization }) };
}

function oneHot(labels: Int32Array, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => {
    targets[row * classes + label] = 1;
  });
  return targets;
}

/** `share * row + (1 - share) * row before`. */
export function mixRows(rows: Float32Array, size: number, share: number): Float32Array {
  const mixed = new Float32Array(rows.length);
  const [own, other] = [Math.fround(share), Math.fround(1 - share)];
  for (let i = 0; i < rows.length; i++) {
    const partner = i < size ? rows.length - size + i : i - size;
    mixed[i] = Math.fround(own * rows[i]!) + Math.fround(other * rows[partner]!);
  }
  return mixed;
}

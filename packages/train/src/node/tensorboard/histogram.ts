import { type ProtobufField, protobuf } from '@kd/core';

// TensorFlow's limits: 1e-12, each a tenth more than the one before, up to 1e20, and the same below 0.
const POSITIVE: readonly number[] = (() => {
  const limits: number[] = [];
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) limits.push(limit);
  return limits;
})();
const LIMITS: readonly number[] = [...POSITIVE.map((limit) => -limit).reverse(), 0, ...POSITIVE, Number.MAX_VALUE];

/** First index whose limit is above the value. */
function bucketOf(value: number): number {
  let low = 0;
  let high = LIMITS.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (LIMITS[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The fields of a HistogramProto. Values that are not finite are left out: TensorBoard can't show them.
 *
 * Reference: tensorflow/core/lib/histogram/histogram.cc
 */
export function histogramFields(values: ArrayLike<number>): ProtobufField[] {
  const counts = new Float64Array(LIMITS.length);
  let [count, sum, squares, min, max] = [0, 0, 0, Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    counts[bucketOf(value)]! += 1;
    count += 1;
    sum += value;
    squares += value * value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (count === 0) [min, max] = [0, 0];
  const fields = [
    protobuf.double(1, min),
    protobuf.double(2, max),
    protobuf.double(3, count),
    protobuf.double(4, sum),
    protobuf.double(5, squares),
  ];
  // A run of empty buckets is one: the limit of its last.
  const limits: number[] = [];
  const buckets: number[] = [];
  counts.forEach((inside, i) => {
    const lastOfRun = inside > 0 || i === counts.length - 1 || counts[i + 1]! > 0;
    if (!lastOfRun) return;
    limits.push(LIMITS[i]!);
    buckets.push(inside);
  });
  return [
    ...fields,
    ...limits.map((limit) => protobuf.double(6, limit)),
    ...buckets.map((inside) => protobuf.double(7, inside)),
  ];
}

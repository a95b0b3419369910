/** Samples whose confidence lies in one interval. */
export interface CalibrationBin {
  /** Confidences in the bin are above it; in the first bin they may equal it. */
  low: number;
  /** Confidences in the bin are at most this. */
  high: number;
  /** Samples in the bin. */
  count: number;
  /** Their mean confidence; NaN if there are none. */
  confidence: number;
  /** The share of them that is right; NaN if there are none. */
  accuracy: number;
}

/** Running sums of the samples in each bin. */
export interface CalibrationSums {
  /** [bins + 1], rising. */
  readonly edges: Float64Array;
  readonly counts: Float64Array;
  readonly hits: Float64Array;
  readonly confidences: Float64Array;
}

export function equalWidthEdges(bins: number): Float64Array {
  return Float64Array.from({ length: bins + 1 }, (_, i) => i / bins);
}

export function emptySums(edges: Float64Array): CalibrationSums {
  const zeros = (): Float64Array => new Float64Array(edges.length - 1);
  return { edges, counts: zeros(), hits: zeros(), confidences: zeros() };
}

export function addToBin(sums: CalibrationSums, confidence: number, right: boolean): void {
  const { edges, counts, hits, confidences } = sums;
  let bin = 0;
  while (bin < counts.length - 1 && confidence > edges[bin + 1]!) bin++;
  counts[bin]! += 1;
  confidences[bin]! += confidence;
  if (right) hits[bin]! += 1;
}

export function binsOf({ edges, counts, hits, confidences }: CalibrationSums): CalibrationBin[] {
  return Array.from(counts, (count, i) => ({
    low: edges[i]!,
    high: edges[i + 1]!,
    count,
    confidence: confidences[i]! / count,
    accuracy: hits[i]! / count,
  }));
}

/** Mean distance between confidence and accuracy, each bin weighing as much as it has samples. */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  let samples = 0;
  let sum = 0;
  for (const { count, confidence, accuracy } of bins) {
    if (count === 0) continue;
    samples += count;
    sum += count * Math.abs(accuracy - confidence);
  }
  return sum / samples;
}

import type { LayersModel } from '@tensorflow/tfjs-layers';
import { BatchNormalization } from '../layers/batch-normalization.ts';
import type { WeightEntry } from './table.ts';

/** PyTorch's batch-norms count their batches, in a tensor of the files beside the running mean. */
export interface BatchCount {
  /** Of the tensor, int64 []. */
  name: string;
  layer: BatchNormalization;
}

/** The counts of all batch-norms of a model. */
export function batchCounts(model: LayersModel, table: readonly WeightEntry[]): BatchCount[] {
  const counts: BatchCount[] = [];
  for (const { name, weight } of table) {
    if (!weight.name.endsWith('/moving_mean')) continue;
    const layer = model.getLayer(weight.name.slice(0, weight.name.lastIndexOf('/')));
    if (layer instanceof BatchNormalization) {
      counts.push({ name: name.replace(/running_mean$/, 'num_batches_tracked'), layer });
    }
  }
  return counts;
}

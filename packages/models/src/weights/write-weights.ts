import type { NamedTensor } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batchCounts } from './batch-counts.ts';
import { fileShape, toFile } from './layouts.ts';
import { type NamingRule, weightTable } from './table.ts';

/** The variables of a model as Hugging Face's files have them, sorted by name as there. */
export async function writeWeights(model: LayersModel, rule: NamingRule): Promise<NamedTensor[]> {
  const table = weightTable(model, rule);
  const tensors: NamedTensor[] = [];
  for (const { name, layout, weight } of table) {
    const { shape } = weight.variable;
    const values = (await weight.variable.data()) as Float32Array;
    tensors.push({ name, shape: fileShape(layout, shape), data: toFile(layout, values, shape) });
  }
  for (const { name, layer } of batchCounts(model, table)) {
    tensors.push({ name, shape: [], data: Float64Array.of(layer.batches), dtype: 'I64' });
  }
  return tensors.sort((a, b) => (a.name < b.name ? -1 : 1));
}

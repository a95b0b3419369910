import { KdError, type NamedTensor, type TensorFile } from '@kd/core';
import type { NamedVariable } from '@kd/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Architecture } from '../architectures/architecture.ts';
import { batchCounts } from './batch-counts.ts';
import { fileShape, toOurs } from './layouts.ts';
import { type WeightEntry, weightTable } from './table.ts';

export interface ReadWeightsOptions {
  /** Whether tensors of another shape than the model's, such as a head for other classes, are left out. @default false */
  ignoreMismatchedSizes?: boolean;
  /** Whether variables that the file has no tensor for stay as initialised. @default false */
  ignoreMissing?: boolean;
  /** Whether tensors that the model has no variable for are left out. @default false */
  ignoreUnexpected?: boolean;
}

/** What did not come from the file, by the names of its tensors. */
export interface ReadReport {
  /** Left out for their shape; the variables are as initialised. */
  mismatched: { name: string; fileShape: readonly number[]; modelShape: readonly number[] }[];
  /** Not in the file; the variables are as initialised. */
  missing: string[];
  /** In the file, but not in the model. */
  unexpected: string[];
}

const shown = (names: readonly string[]): string =>
  `${names
    .slice(0, 5)
    .map((name) => `'${name}'`)
    .join(', ')}${names.length > 5 ? `, … (${names.length})` : ''}`;

function floats(caller: string, { name, data }: NamedTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  throw new KdError('UNSUPPORTED', `${caller}: '${name}' holds integers; quantised weights are not supported`, {
    name,
  });
}

/** The file's names in the model's: files of the bare backbone lack the prefix. */
function fileNames(table: readonly WeightEntry[], file: TensorFile, prefix: string): (name: string) => string {
  const stored = new Set(file.tensors.map(({ name }) => name));
  const isBare = prefix !== '' && !file.tensors.some(({ name }) => name.startsWith(prefix));
  const bare = (name: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  return isBare && table.some(({ name }) => stored.has(bare(name))) ? bare : (name) => name;
}

/** Refuses what the options do not allow. */
function checkReport(caller: string, report: ReadReport, options: ReadWeightsOptions): void {
  const { mismatched, missing, unexpected } = report;
  const complaints: string[] = [];
  if (missing.length > 0 && !options.ignoreMissing) {
    complaints.push(`the file lacks ${shown(missing)} (ignoreMissing: true initialises them)`);
  }
  if (unexpected.length > 0 && !options.ignoreUnexpected) {
    complaints.push(`the model has no place for ${shown(unexpected)} (ignoreUnexpected: true leaves them out)`);
  }
  if (mismatched.length > 0 && !options.ignoreMismatchedSizes) {
    const all = mismatched.slice(0, 5).map((each) => `'${each.name}' is [${each.fileShape}], not [${each.modelShape}]`);
    complaints.push(`${all.join(', ')} (ignoreMismatchedSizes: true initialises them anew)`);
  }
  if (complaints.length > 0) throw new KdError('MISMATCH', `${caller}: ${complaints.join('; ')}`, { ...report });
}

/**
 * Puts the tensors of a file into a model's variables: one is read at a time and none is kept, so that there is no second
 * copy of the weights. Names and shapes are compared before any value is read.
 *
 * @returns what did not come from the file, and the variables that are still to be initialised
 * @throws {KdError} MISMATCH if names or shapes do not fit and the options do not allow it
 * @throws {KdError} UNSUPPORTED for quantised weights
 */
export async function readWeights(
  caller: string,
  model: LayersModel,
  { rule, prefix = '', isIgnorable = () => false }: Pick<Architecture, 'rule' | 'prefix' | 'isIgnorable'>,
  file: TensorFile,
  options: ReadWeightsOptions,
): Promise<{ report: ReadReport; rest: NamedVariable[] }> {
  const table = weightTable(model, rule);
  const counts = batchCounts(model, table);
  const nameInFile = fileNames(table, file, prefix);
  const stored = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
  const report: ReadReport = { mismatched: [], missing: [], unexpected: [] };

  const found: WeightEntry[] = [];
  const rest: NamedVariable[] = [];
  for (const entry of table) {
    const tensor = stored.get(nameInFile(entry.name));
    const modelShape = fileShape(entry.layout, entry.weight.variable.shape);
    const fits = tensor?.shape.join() === modelShape.join();
    if (fits) {
      found.push(entry);
      continue;
    }
    rest.push(entry.weight);
    if (tensor) report.mismatched.push({ name: entry.name, fileShape: tensor.shape, modelShape });
    else report.missing.push(entry.name);
  }
  const known = new Set([...table, ...counts].map(({ name }) => nameInFile(name)));
  report.unexpected = [...stored.keys()].filter((name) => !known.has(name) && !isIgnorable(name));
  checkReport(caller, report, options);

  for (const { name, layout, weight } of found) {
    const tensor = await file.read(nameInFile(name));
    const values = toOurs(layout, floats(caller, tensor), tensor.shape);
    tf.tidy(() => weight.variable.assign(tf.tensor(values, weight.variable.shape)));
  }
  for (const { name, layer } of counts) {
    if (!stored.has(nameInFile(name))) continue; // older files do not count
    const [count, ...more] = (await file.read(nameInFile(name))).data;
    if (!Number.isSafeInteger(count) || count! < 0 || more.length > 0) {
      const message = `${caller}: '${name}' must hold one whole number, got ${[count, ...more]}`;
      throw new KdError('INVALID_DATA', message, { name });
    }
    layer.batches = count!;
  }
  return { report, rest };
}

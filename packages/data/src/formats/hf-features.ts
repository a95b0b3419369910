import { KdError } from '@kd/core';

/** What a column of a Hugging Face data set holds. */
export interface Feature {
  /** As `datasets` calls it: 'Image', 'ClassLabel', 'Value', … */
  type: string;
  /** Of a Value: 'string', 'int64', … */
  dtype?: string;
  /** Of a ClassLabel: its classes, in the order of their numbers. */
  classNames?: readonly string[];
}

interface RawFeature {
  _type?: unknown;
  dtype?: unknown;
  names?: unknown;
  num_classes?: unknown;
}

/** One column's feature; names of a ClassLabel that says only how many there are, are their numbers. */
function featureOf({ _type, dtype, names, num_classes: count }: RawFeature): Feature {
  const type = typeof _type === 'string' ? _type : 'Sequence';
  const feature: Feature = { type, ...(typeof dtype === 'string' && { dtype }) };
  if (type !== 'ClassLabel') return feature;
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return { ...feature, classNames: names };
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > 1 << 20) return feature;
  return { ...feature, classNames: Array.from({ length: count }, (_, i) => `${i}`) };
}

/**
 * Columns by name from the key-value metadata `huggingface` that `datasets` writes into Parquet and Arrow files.
 *
 * @param where what errors start with
 */
export function parseFeatures(where: string, text: string | undefined): Record<string, Feature> {
  if (text === undefined) return {};
  let features: unknown;
  try {
    features = (JSON.parse(text) as { info?: { features?: unknown } }).info?.features ?? {};
  } catch (cause) {
    const message = `${where}: its 'huggingface' metadata is no JSON (${(cause as Error).message}): the file is damaged`;
    throw new KdError('INVALID_DATA', message, {}, { cause });
  }
  if (typeof features !== 'object' || features === null) return {};
  return Object.fromEntries(
    Object.entries(features).map(([name, feature]) => [name, featureOf((feature ?? {}) as RawFeature)]),
  );
}

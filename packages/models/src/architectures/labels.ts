import { KdError } from '@kd/core';

const unnamed = (count: number): string[] => Array.from({ length: count }, (_, i) => `LABEL_${i}`);

/** Class names of a config.json, by label: `id2label`, else `num_labels` without names, else Hugging Face's default of two. */
export function readClassNames(caller: string, json: Readonly<Record<string, unknown>>): string[] {
  const { id2label, num_labels: count } = json;
  if (id2label === undefined || id2label === null) {
    const isCount = Number.isSafeInteger(count) && (count as number) > 0 && (count as number) <= 1e6;
    if (count !== undefined && !isCount) {
      throw new KdError('INVALID_DATA', `${caller}: num_labels in config.json is ${JSON.stringify(count)}`, { count });
    }
    return unnamed((count as number | undefined) ?? 2);
  }
  const names = typeof id2label === 'object' ? (id2label as Record<string, unknown>) : {};
  const classNames = Object.keys(names).map((_, i) => names[i]);
  if (classNames.length === 0 || !classNames.every((name) => typeof name === 'string')) {
    const message = `${caller}: id2label in config.json must name the labels 0, 1, …`;
    throw new KdError('INVALID_DATA', message, { id2label });
  }
  return classNames as string[];
}

/** `id2label` and `label2id`; nothing for the default of two. */
export function writeClassNames(classNames: readonly string[]): Record<string, unknown> {
  if (classNames.join('\n') === unnamed(2).join('\n')) return {};
  return {
    id2label: Object.fromEntries(classNames.map((name, i) => [String(i), name])),
    label2id: Object.fromEntries(classNames.map((name, i) => [name, i])),
  };
}

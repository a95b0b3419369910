import { KdError } from '@kd/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

// Where models of @kd/models say what they are: the field that `getModelConfig` reads.
type Metadata = { kd?: { classNames?: readonly string[] } } | undefined;

/** What a model of `@kd/models` calls its classes; undefined for a model that was made elsewhere. */
export function classNamesOf(model: LayersModel): readonly string[] | undefined {
  return (model.getUserDefinedMetadata() as Metadata)?.kd?.classNames;
}

const isUnnamed = (names: readonly string[]): boolean => names.every((name, i) => name === `LABEL_${i}`);

/**
 * Gives a model the data's class names, which its `config.json` then has as `id2label`. One whose classes were never named
 * (`LABEL_0` …) takes them over.
 *
 * @returns what it was renamed from, if it was
 * @throws {KdError} MISMATCH for a model with other classes, or with these in another order
 */
export function inheritLabels(
  caller: string,
  model: LayersModel,
  dataNames: readonly string[],
): readonly string[] | undefined {
  const names = classNamesOf(model);
  if (!names || names.join('\n') === dataNames.join('\n')) return undefined;
  const fits = names.length === dataNames.length;
  if (!fits || !isUnnamed(names)) {
    const same = fits && names.every((name) => dataNames.includes(name));
    throw new KdError(
      'MISMATCH',
      `${caller}: the classes of the model that is trained (${names.join(', ')}) are not those of the data ` +
        `(${dataNames.join(', ')})${same ? ' in the same order' : ''}; make it with { classNames } of the data, or give it ` +
        'a new head: replaceHead(model, { classNames }) of @kd/models',
      { model: names, data: dataNames },
    );
  }
  const metadata = model.getUserDefinedMetadata() as { kd: object };
  model.setUserDefinedMetadata({ ...metadata, kd: { ...metadata.kd, classNames: [...dataNames] } });
  return names;
}

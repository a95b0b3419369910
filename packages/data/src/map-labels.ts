import { fingerprint, KdError } from '@kd/core';
import { type AnyDataset, infoReader, type SameKind } from './dataset-kinds.ts';
import { once } from './once.ts';
import { subset } from './subset.ts';
import { textPart, view } from './view.ts';

export interface MapLabelsOptions {
  /** The new classes, in the order of their labels. */
  classNames: readonly string[];
  /** For each old class by name: its new class by name, or `null` to leave its samples out. */
  map: Readonly<Record<string, string | null>>;
}

const bad = (message: string, details: Record<string, unknown>): KdError =>
  new KdError('INVALID_ARGUMENT', `mapLabels: ${message}`, details);

/** New label of each old one, -1 for none. */
function newLabels(old: readonly string[], { classNames, map }: MapLabelsOptions): number[] {
  if (new Set(classNames).size !== classNames.length) {
    throw bad(`a class name stands twice in [${classNames.join(', ')}]`, { classNames });
  }
  const unknown = Object.keys(map).find((name) => !old.includes(name));
  if (unknown !== undefined) throw bad(`'${unknown}' is not one of [${old.join(', ')}]`, { class: unknown });
  return old.map((name) => {
    if (!Object.hasOwn(map, name)) {
      throw bad(`map does not say what becomes of '${name}'; give its new class, or null to leave it out`, {
        class: name,
      });
    }
    const next = map[name]!;
    const label = next === null ? -1 : classNames.indexOf(next);
    if (next !== null && label < 0)
      throw bad(`'${name}' becomes '${next}', which is not one of [${classNames.join(', ')}]`, { class: next });
    return label;
  });
}

/**
 * The same samples under other classes: merges, renames, reorders or leaves out classes. Ids stay, so that a sample is
 * still known; the fingerprint changes. Samples without a label stay without one.
 *
 * @param dataset of either kind
 * @returns a view: no image is read or copied
 * @throws {KdError} INVALID_ARGUMENT if an old class is missing from `map`, a name is unknown, or no sample is left
 *
 * @example
 * import { arrayDataset, mapLabels } from '@kd/data';
 * const images = { data: Uint8Array.of(10, 20, 30), shape: [3, 1, 1] };
 * const beans = arrayDataset({ images, labels: [0, 1, 2], classNames: ['angular_leaf_spot', 'bean_rust', 'healthy'] });
 * const health = mapLabels(beans, {
 *   classNames: ['sick', 'healthy'],
 *   map: { angular_leaf_spot: 'sick', bean_rust: 'sick', healthy: 'healthy' },
 * });
 * console.log(health.get(1).label, health.get(2).label); // 0 1
 */
export function mapLabels<Dataset extends AnyDataset>(dataset: Dataset, options: MapLabelsOptions): SameKind<Dataset> {
  const labels = newLabels(dataset.classNames, options);
  const info = infoReader(dataset);
  const kept: number[] = [];
  for (let index = 0; index < dataset.length; index++) {
    const { label } = info(index);
    if (label === undefined || labels[label] !== -1) kept.push(index);
  }
  if (kept.length === 0) throw bad(`leaves none of ${dataset.length} samples`, { map: options.map });
  const source: AnyDataset = kept.length === dataset.length ? dataset : subset(dataset as AnyDataset, kept);
  const classNames = [...options.classNames];
  return view(dataset, {
    length: source.length,
    classNames,
    fingerprint: once(async () =>
      fingerprint([
        textPart('dataset', await source.fingerprint()),
        { name: 'labels', shape: [labels.length], data: Int32Array.from(labels) },
        textPart('classNames', JSON.stringify(classNames)),
      ]),
    ),
    source: (index) => ({ dataset: source, index }),
    label: (label) => (label === undefined ? undefined : labels[label]),
  });
}

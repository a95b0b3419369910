import { fingerprint, type ImageDataset, KdError } from '@kd/core';
import { type AnyDataset, isEncoded } from '../dataset-kinds.ts';
import { decodeImage } from './decode-image.ts';
import { classCounts, type LoadedDataset } from './load/loaded-dataset.ts';
import { textTable } from './load/text-table.ts';

/** What is in one split. */
export interface SplitDescription {
  samples: number;
  /** Samples of each class, by its label. */
  counts: readonly number[];
  unlabelled: number;
  /** Of the encoded images, or of the pixels. */
  bytes: { smallest: number; largest: number; mean: number };
  /** How many images there are of each size, as `<height>x<width>`, the most frequent first; broken ones are not in it. */
  sizes: Readonly<Record<string, number>>;
  /** Images that cannot be read or decoded, and why. */
  broken: readonly { index: number; id: string; reason: string }[];
}

/** Samples of equal content. */
export interface Duplicates {
  samples: readonly { split: string; index: number; id: number | string; label?: number }[];
  /** They are in more than one split: what is trained on is tested on. */
  crossesSplits: boolean;
  /** They have different labels. */
  contradicts: boolean;
}

export interface DatasetDescription {
  classNames: readonly string[];
  splits: Readonly<Record<string, SplitDescription>>;
  duplicates: readonly Duplicates[];
  /** A table of it all, for people. */
  toString(): string;
}

type Splits = Readonly<Record<string, AnyDataset>>;
type Samples = Map<string, Duplicates['samples'][number][]>;

const WORKERS = 4; // libvips has threads of its own

/** What makes two samples equal: encoded bytes, or pixels and their shape. */
interface Content {
  data: Uint8Array | Float32Array;
  shape: readonly number[];
  size: string;
}

const sizeOf = ([height, width]: readonly number[]): string => `${height}x${width}`;

async function contentOf(dataset: AnyDataset, index: number): Promise<Content> {
  if (!isEncoded(dataset)) {
    const { data, shape } = (dataset as ImageDataset).get(index).image;
    return { data, shape, size: sizeOf(shape) };
  }
  const data = await dataset.read(index);
  const { shape } = await decodeImage(data);
  return { data, shape: [data.length], size: sizeOf(shape) };
}

async function describeSplit(split: string, dataset: AnyDataset, samples: Samples): Promise<SplitDescription> {
  const sizes = new Map<string, number>();
  const broken: { index: number; id: string; reason: string }[] = [];
  const bytes = { smallest: Number.POSITIVE_INFINITY, largest: 0, total: 0 };
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < dataset.length; index = next++) {
      const { id, label } = isEncoded(dataset) ? dataset.info(index) : dataset.get(index);
      try {
        const content = await contentOf(dataset, index);
        const length = content.data.byteLength;
        bytes.smallest = Math.min(bytes.smallest, length);
        bytes.largest = Math.max(bytes.largest, length);
        bytes.total += length;
        sizes.set(content.size, (sizes.get(content.size) ?? 0) + 1);
        const digest = await fingerprint([{ name: '', shape: content.shape, data: content.data }]);
        const sample = { split, index, id, ...(label !== undefined && { label }) };
        const equal = samples.get(digest);
        if (equal) equal.push(sample);
        else samples.set(digest, [sample]);
      } catch (error) {
        broken.push({ index, id: `${id}`, reason: error instanceof Error ? error.message : `${error}` });
      }
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  const whole = dataset.length - broken.length;
  return {
    samples: dataset.length,
    ...classCounts(dataset),
    bytes: {
      smallest: whole > 0 ? bytes.smallest : 0,
      largest: bytes.largest,
      mean: whole > 0 ? bytes.total / whole : 0,
    },
    sizes: Object.fromEntries([...sizes].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))),
    broken: broken.sort((a, b) => a.index - b.index),
  };
}

function duplicatesOf(samples: Samples, splits: readonly string[]): Duplicates[] {
  const groups = [...samples.values()].filter((group) => group.length > 1);
  return groups.map((group) => ({
    samples: [...group].sort((a, b) => splits.indexOf(a.split) - splits.indexOf(b.split) || a.index - b.index),
    crossesSplits: new Set(group.map(({ split }) => split)).size > 1,
    contradicts: new Set(group.map(({ label }) => label)).size > 1,
  }));
}

const MAX_LINES = 20; // of each list; all of it is in the data

function listed(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > MAX_LINES ? [`  … and ${lines.length - MAX_LINES} more`] : [];
  return ['', `${title}: ${lines.length}`, ...lines.slice(0, MAX_LINES).map((line) => `  ${line}`), ...more];
}

function report({ classNames, splits, duplicates }: Omit<DatasetDescription, 'toString'>): string {
  const names = Object.keys(splits);
  const each = (cell: (split: SplitDescription) => string): string[] => names.map((name) => cell(splits[name]!));
  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);
  const rows = [
    ['samples', ...each(({ samples }) => `${samples}`)],
    ...classNames.map((name, label) => [name, ...each(({ counts }) => `${counts[label] ?? 0}`)]),
    ['unlabelled', ...each(({ unlabelled }) => `${unlabelled}`)],
    ['kB, mean', ...each(({ bytes }) => kilobytes(bytes.mean))],
    ['kB, smallest', ...each(({ bytes }) => kilobytes(bytes.smallest))],
    ['kB, largest', ...each(({ bytes }) => kilobytes(bytes.largest))],
    ['sizes', ...each(({ sizes }) => `${Object.keys(sizes).length}`)],
    ['commonest size', ...each(({ sizes }) => Object.keys(sizes)[0] ?? '-')],
    ['broken', ...each(({ broken }) => `${broken.length}`)],
  ];
  const line = ({ samples }: Duplicates): string => samples.map(({ split, id }) => `${split}: ${id}`).join(' = ');
  return [
    textTable(['', ...names], rows),
    ...listed(
      'broken images',
      names.flatMap((name) => splits[name]!.broken.map(({ id, reason }) => `${name}: ${id}: ${reason}`)),
    ),
    ...listed('equal images across splits (leakage)', duplicates.filter((group) => group.crossesSplits).map(line)),
    ...listed('equal images with different labels', duplicates.filter((group) => group.contradicts).map(line)),
    ...listed('equal images within a split', duplicates.filter((group) => !group.crossesSplits).map(line)),
  ].join('\n');
}

/**
 * Reads and decodes every image once, and tells what there is: counts for each class and split, sizes, images that
 * cannot be read, and images that are there more than once, byte for byte, above all in two splits.
 *
 * @param data a dataset, a data set with splits, or datasets by name
 * @returns the figures; as text, a table of them
 *
 * @example
 * import { arrayDataset } from '@kd/data';
 * import { describe } from '@kd/data/node';
 * const make = (...pixels: number[]) =>
 *   arrayDataset({ images: { data: Uint8Array.from(pixels), shape: [pixels.length, 1, 1] } });
 * const { duplicates } = await describe({ train: make(1, 2, 3), test: make(3, 4) });
 * console.log(duplicates.length, duplicates[0]?.crossesSplits); // 1 true
 */
export async function describe(data: AnyDataset | LoadedDataset | Splits): Promise<DatasetDescription> {
  const isDataset = typeof (data as AnyDataset).fingerprint === 'function';
  const isLoaded = Array.isArray((data as LoadedDataset).classNames);
  const datasets = isDataset
    ? { all: data as AnyDataset }
    : isLoaded
      ? (data as LoadedDataset).splits
      : (data as Splits);
  const [first] = Object.values(datasets);
  if (!first) throw new KdError('INVALID_ARGUMENT', 'describe: no datasets given');
  const samples: Samples = new Map();
  const splits: Record<string, SplitDescription> = {};
  for (const [split, dataset] of Object.entries(datasets)) splits[split] = await describeSplit(split, dataset, samples);
  const figures = { classNames: first.classNames, splits, duplicates: duplicatesOf(samples, Object.keys(datasets)) };
  return { ...figures, toString: () => report(figures) };
}

import type { EncodedDataset, ImageDataset } from '@kd/core';
import { checkInteger } from './checks.ts';
import { type AnyDataset, isEncoded, type SameKind } from './dataset-kinds.ts';
import { type LocatedSample, locator, withShortcut } from './locate.ts';

/** What a view shows of the samples behind it. */
export interface ViewOptions {
  length: number;
  classNames: readonly string[];
  fingerprint: () => Promise<string>;
  /** Where sample `index` of the view lies. */
  source: (index: number) => { dataset: AnyDataset; index: number };
  /** What becomes of its id. @default nothing */
  id?: (id: number | string, index: number) => number | string;
  /** What becomes of its label. @default nothing */
  label?: (label: number | undefined) => number | undefined;
}

interface Info {
  id: number | string;
  label?: number | undefined;
}

/**
 * A dataset that shows samples of others, all of the kind of `like`, in an order of its own. No image is read or copied
 * to make it. Every tool on datasets is one of these, so that each works on both kinds.
 */
export function view<Dataset extends AnyDataset>(like: Dataset, options: ViewOptions): SameKind<Dataset> {
  const {
    length,
    classNames,
    fingerprint,
    source,
    id: newId = (id) => id,
    label: newLabel = (label) => label,
  } = options;
  const check = (index: number): void => checkInteger('dataset.get', 'index', index, 0, length);
  const shown = <T extends Info>({ id, label, ...rest }: T, index: number): object => {
    const mapped = newLabel(label);
    return { ...rest, id: newId(id, index), ...(mapped !== undefined && { label: mapped }) };
  };

  if (isEncoded(like)) {
    const encoded: EncodedDataset = {
      length,
      classNames,
      fingerprint,
      info: (index) => {
        check(index);
        const { dataset, index: at } = source(index);
        return shown((dataset as EncodedDataset).info(at), index) as ReturnType<EncodedDataset['info']>;
      },
      read: async (index) => {
        check(index);
        const { dataset, index: at } = source(index);
        return (dataset as EncodedDataset).read(at);
      },
    };
    return encoded as SameKind<Dataset>;
  }

  const images: ImageDataset = {
    length,
    imageShape: like.imageShape,
    classNames,
    fingerprint,
    get: (index) => {
      check(index);
      const { dataset, index: at } = source(index);
      return shown((dataset as ImageDataset).get(at), index) as ReturnType<ImageDataset['get']>;
    },
  };
  const locators = new Map<AnyDataset, (index: number) => LocatedSample>();
  const locate = (index: number): LocatedSample => {
    const { dataset, index: at } = source(index);
    let find = locators.get(dataset);
    if (!find) {
      find = locator(dataset as ImageDataset);
      locators.set(dataset, find);
    }
    const sample = find(at);
    return {
      id: newId(sample.id, index),
      label: newLabel(sample.label),
      get data() {
        return sample.data; // may have to be read from disk: not for who wants the label alone
      },
      start: sample.start,
    };
  };
  return withShortcut(images, locate) as SameKind<Dataset>;
}

/** A text as a part of a fingerprint. */
export function textPart(name: string, text: string): { name: string; shape: number[]; data: Uint8Array } {
  return { name, shape: [], data: new TextEncoder().encode(text) };
}

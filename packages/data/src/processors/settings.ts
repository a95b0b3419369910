import { KdError } from '@kd/core';
import type { ResampleFilter } from '../resample/filters.ts';

/** Settings of a processor under Hugging Face's names. */
export type ProcessorConfig = Readonly<Record<string, unknown>>;

/** Rows and columns. */
export type Sides = readonly [number, number];

/** Pillow's `Image.Resampling` by number. */
export const FILTERS: readonly ResampleFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** The setting `name`, or what the Python class takes without it; `null` is as good as absent. */
function setting<T>(config: ProcessorConfig, name: string, fallback: T): unknown | T {
  return config[name] ?? fallback;
}

function refuse(name: string, value: unknown, expected: string): never {
  throw new KdError('INVALID_ARGUMENT', `createProcessor: ${name} is ${JSON.stringify(value)}, expected ${expected}`, {
    [name]: value,
  });
}

export function flag(config: ProcessorConfig, name: string, fallback: boolean): boolean {
  const value = setting(config, name, fallback);
  return typeof value === 'boolean' ? value : refuse(name, value, 'true or false');
}

export function positive(config: ProcessorConfig, name: string, fallback: number): number {
  const value = setting(config, name, fallback);
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : refuse(name, value, 'a number > 0');
}

/** The number of a filter of Pillow. */
export function filterNumber(config: ProcessorConfig, fallback: number): number {
  const value = setting(config, 'resample', fallback);
  const known = FILTERS.map((filter, number) => `${number} (${filter})`).join(', ');
  return typeof value === 'number' && FILTERS[value] ? value : refuse('resample', value, `one of ${known}`);
}

/** One number a channel; a single number, as Python allows, holds for the three channels of RGB. */
export function perChannel(config: ProcessorConfig, name: string, fallback: readonly number[]): number[] {
  const value = setting(config, name, fallback);
  const list: unknown[] = Array.isArray(value) ? value : [value, value, value];
  const numbers = list.filter((number): number is number => typeof number === 'number' && Number.isFinite(number));
  if (numbers.length !== list.length || ![1, 3].includes(numbers.length)) {
    refuse(name, value, 'one finite number for each channel, 3 for RGB or 1 for gray');
  }
  if (name === 'image_std' && numbers.some((number) => number <= 0)) refuse(name, value, 'numbers > 0');
  return numbers;
}

function side(name: string, value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0
    ? value
    : refuse(name, value, 'an integer > 0');
}

/** `{ height, width }`, or `{ shortest_edge }` of which the other edge follows from the image. */
export type Size = { height: number; width: number } | { shortest_edge: number };

/**
 * A size in any of the forms that Hugging Face has written: an integer (the side of a square, or in classes whose
 * `size` is the short edge, that), `[height, width]`, `{ height, width }`, `{ shortest_edge }`.
 */
export function sizeOf(config: ProcessorConfig, name: string, fallback: Size, integerIs: 'square' | 'shortest'): Size {
  const value = setting(config, name, fallback);
  if (typeof value === 'number') {
    const length = side(name, value);
    return integerIs === 'square' ? { height: length, width: length } : { shortest_edge: length };
  }
  if (Array.isArray(value) && value.length === 2) {
    return { height: side(`${name}[0]`, value[0]), width: side(`${name}[1]`, value[1]) };
  }
  const { height, width, shortest_edge: shortest } = Object(value) as Record<string, unknown>;
  const keys = Object.keys(Object(value)).sort().join();
  if (keys === 'shortest_edge' || keys === 'longest_edge,shortest_edge') {
    return { shortest_edge: side(`${name}.shortest_edge`, shortest) }; // these classes do not read longest_edge
  }
  if (keys === 'height,width') return { height: side(`${name}.height`, height), width: side(`${name}.width`, width) };
  return refuse(name, value, 'an integer, { height, width } or { shortest_edge }');
}

import { KdError, type RandomSource } from '@kd/core';
import type { Uint8Image } from '../pixels/uint8-image.ts';

/** For whom a step is drawn, if not for the image that it is applied to: the same view in another size. */
export interface Redraw {
  /** Of the image at this place of the pipeline that it is drawn for. */
  readonly shape: readonly number[];
  /** Of the pipeline's result, to the one that it is drawn for: height, width. */
  readonly ratio: readonly [number, number];
}

/** One kind of step: how its options become whole, and what it does. */
export interface StepKind<Options, Whole> {
  /** Options with all defaults in, checked: JSON. */
  resolve(where: string, options: Options): Whole;
  apply(image: Uint8Image, options: Whole, random: RandomSource, redraw?: Redraw): Uint8Image;
  /** Height and width of what it makes, if that is the same for all images. */
  size?(options: Whole): readonly [height: number, width: number];
}

/** A number in [low, high). */
export function uniformIn(random: RandomSource, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}

/** Refuses a number that is not in [low, high]. */
export function checkNumber(where: string, name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  const range = high === Number.POSITIVE_INFINITY ? `>= ${low}` : `in [${low}, ${high}]`;
  throw new KdError('INVALID_ARGUMENT', `${where}: ${name} must be ${range}, got ${value}`, { [name]: value });
}

/** Refuses what is not a finite number above 0. */
export function checkPositive(where: string, name: string, value: number): void {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw new KdError('INVALID_ARGUMENT', `${where}: ${name} must be > 0, got ${value}`, { [name]: value });
}

/** Refuses what is not a range [from, to] within [low, high]. */
export function checkRange(
  where: string,
  name: string,
  range: readonly [number, number],
  low: number,
  high: number,
): void {
  const [from, to] = range;
  if (range.length === 2 && from >= low && from <= to && to <= high) return;
  const bounds = high === Number.POSITIVE_INFINITY ? `${low} <= from <= to` : `${low} <= from <= to <= ${high}`;
  throw new KdError('INVALID_ARGUMENT', `${where}: ${name} must be [from, to] with ${bounds}, got [${range}]`, {
    [name]: range,
  });
}

import { checkInteger } from '../../checks.ts';

/** Height and width of images; a number is a square's side. */
export type Size = number | readonly [height: number, width: number];

/** As [height, width], checked. */
export function resolveSize(where: string, size: Size): readonly [number, number] {
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  checkInteger(where, 'height', height, 1, Number.POSITIVE_INFINITY);
  checkInteger(where, 'width', width, 1, Number.POSITIVE_INFINITY);
  return [height, width];
}

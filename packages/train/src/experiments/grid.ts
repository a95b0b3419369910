import { KdError } from '@kd/core';

/** What a setting may be in a sweep. */
export type GridValue = number | string | boolean;

/** Options by name, each with the values that are tried. */
export type Grid = Readonly<Record<string, readonly GridValue[]>>;

/** One value for each option. */
export type GridPoint<G extends Grid = Grid> = { readonly [Name in keyof G]: G[Name][number] };

/** Every combination, the last option changing fastest. */
export function gridPoints(caller: string, grid: Grid): GridPoint[] {
  const axes = Object.entries(grid);
  for (const [name, values] of axes) {
    const twice = values.find((value, i) => values.indexOf(value) !== i);
    const wrong = values.find((value) => typeof value === 'number' && !Number.isFinite(value));
    if (values.length > 0 && twice === undefined && wrong === undefined) continue;
    throw new KdError(
      'INVALID_ARGUMENT',
      `${caller}: ${name} must have one or more different values, finite where they are numbers, got [${values.join(', ')}]`,
      { name, values },
    );
  }
  if (axes.length === 0)
    throw new KdError('INVALID_ARGUMENT', `${caller}: the grid names no option; pass at least one`);
  return axes.reduce<GridPoint[]>(
    (points, [name, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

/** `temperature=2, softWeight=0.5`. */
export const pointName = (point: GridPoint): string =>
  Object.entries(point)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');

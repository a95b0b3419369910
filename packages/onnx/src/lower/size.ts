/** The number of elements of a shape. */
export const size = (shape: readonly number[]): number => shape.reduce((product, each) => product * each, 1);

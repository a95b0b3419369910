/** Whole numbers below a bound, from a seed: Park and Miller's generator. */
export function below(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 48271) % 2147483647;
    return state % bound;
  };
}

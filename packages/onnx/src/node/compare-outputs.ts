/** Largest error of an output of one number (a loss), relative to it. */
const SCALAR = 1e-3;
/** Largest error of half of all other outputs, |actual - expected| / |expected|, where nothing is sensitive to rounding. */
const MEDIAN = 1e-2;
/** And where something is: as many times what rounding of the arguments makes of the expected outputs. */
const TIMES_ROUNDING = 2;
/** Below this part of the largest output's length an output is rounding noise, such as the gradient of a bias before batch-norm. */
const NOISE = 1e-6;

type Outputs = Readonly<Record<string, { readonly data: unknown }>>;

/**
 * Compares what two lowerings of one graph give. A right one is off by rounding, and where a gate of a ReLU flips because of
 * it, by percents in most gradients: how many, the same lowering shows on arguments that are rounded otherwise.
 *
 * @param rounded what the lowering of `expected` gives for arguments that differ in their last digits
 * @returns what is wrong, or undefined
 */
export function compareOutputs(actual: Outputs, expected: Outputs, rounded: Outputs): string | undefined {
  for (const [name, { data }] of Object.entries(expected)) {
    const [want, got] = [numbers(data), numbers(actual[name]!.data)];
    const { error, length } = distance(got, want);
    if (Number.isNaN(length)) continue; // wrong either way; whoever runs it will see
    if (Number.isNaN(error)) return `gives no number for '${name}'`;
    if (want.length === 1 && Math.abs(want[0]!) > NOISE && error > SCALAR) {
      return `gives ${got[0]} for '${name}' where it should give ${want[0]}`;
    }
  }
  const median = medianError(actual, expected);
  const allowed = Math.max(MEDIAN, TIMES_ROUNDING * medianError(rounded, expected));
  return median > allowed ? `is off by ${(100 * median).toFixed(1)} % in half of its outputs` : undefined;
}

const numbers = (data: unknown): ArrayLike<number> => data as ArrayLike<number>;

function distance(got: ArrayLike<number>, want: ArrayLike<number>): { error: number; length: number } {
  let [difference, length] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    difference += (got[i]! - want[i]!) ** 2;
    length += want[i]! ** 2;
  }
  return { error: Math.sqrt(difference / Math.max(length, Number.MIN_VALUE)), length };
}

/** Of the outputs that have more than one number and are no noise. */
function medianError(actual: Outputs, expected: Outputs): number {
  const errors = Object.entries(expected).flatMap(([name, { data }]) => {
    const want = numbers(data);
    const found = distance(numbers(actual[name]!.data), want);
    return want.length > 1 && !Number.isNaN(found.error) ? [found] : [];
  });
  const longest = Math.max(0, ...errors.map(({ length }) => length));
  const counted = errors.filter(({ length }) => length > NOISE ** 2 * longest).map(({ error }) => error);
  counted.sort((a, b) => a - b);
  return counted[counted.length >> 1] ?? 0;
}

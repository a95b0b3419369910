/** Largest error of an output of one number (a loss), relative to it. */
const SCALAR = 1e-3;
/** Largest median, over all other outputs, of |actual - expected| / |expected|. MobileNetV2, new, on noise has 1e-2 from flipped gates. */
const MEDIAN = 5e-2;
/** Below this part of the largest output's length an output is rounding noise, such as the gradient of a bias before batch-norm. */
const NOISE = 1e-6;

type Outputs = Readonly<Record<string, { readonly data: unknown }>>;

/**
 * Compares what two lowerings of one graph give. A wrong lowering is off by as much as the values themselves; a right one
 * by rounding, and where a gate of a ReLU flips because of it, by up to a third in some gradients: hence the median.
 *
 * @returns what is wrong, or undefined
 */
export function compareOutputs(actual: Outputs, expected: Outputs): string | undefined {
  const errors: { error: number; length: number }[] = [];
  for (const [name, { data }] of Object.entries(expected)) {
    const [want, got] = [data, actual[name]!.data] as ArrayLike<number>[] as [ArrayLike<number>, ArrayLike<number>];
    let [difference, length] = [0, 0];
    for (let i = 0; i < want.length; i++) {
      difference += (got[i]! - want[i]!) ** 2;
      length += want[i]! ** 2;
    }
    const error = Math.sqrt(difference / Math.max(length, Number.MIN_VALUE));
    if (Number.isNaN(length)) continue; // wrong either way; whoever runs it will see
    if (Number.isNaN(error)) return `gives no number for '${name}'`;
    if (want.length === 1 && Math.abs(want[0]!) > NOISE && error > SCALAR) {
      return `gives ${got[0]} for '${name}' where it should give ${want[0]}`;
    }
    if (want.length > 1) errors.push({ error, length });
  }
  const longest = Math.max(0, ...errors.map(({ length }) => length));
  const counted = errors.filter(({ length }) => length > NOISE ** 2 * longest).map(({ error }) => error);
  counted.sort((a, b) => a - b);
  const median = counted[counted.length >> 1] ?? 0;
  return median > MEDIAN ? `is off by ${(100 * median).toFixed(1)} % in half of its outputs` : undefined;
}

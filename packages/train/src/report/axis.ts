/** At most this many ticks fit a small chart. */
const MOST = 8;
const ROUND_STEPS = [1, 2, 2.5, 5, 10];

/** m * 10^exponent without the rounding error of a product: 3e-1, not 0.30000000000000004. */
function decimal(mantissa: number, exponent: number): number {
  return Number(`${Number(mantissa.toPrecision(12))}e${exponent}`);
}

/**
 * Round numbers at equal steps that cover the data: the first is not above its minimum, the last not below its maximum.
 *
 * @returns 3 to 8 ticks, rising
 */
export function niceTicks(min: number, max: number): number[] {
  if (!(max - min > Math.abs(max) * 1e-9)) {
    const room = Math.abs(max) * 0.1 || 1;
    return niceTicks(min - room, max + room);
  }
  const rough = (max - min) / 4;
  const exponent = Math.floor(Math.log10(rough));
  const step = ROUND_STEPS.find((candidate) => candidate * 10 ** exponent >= rough * 0.999)!;
  // In units of the step, so that ticks are exact; a hair's breadth of rounding must not add one.
  const units = step * 10 ** exponent;
  const first = Math.floor(min / units + 1e-9);
  const last = Math.ceil(max / units - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => decimal((first + i) * step, exponent));
}

/**
 * Round numbers for a logarithmic axis that cover the data: 1, 2 and 5 of each power of ten, powers alone for a wide
 * range, equal steps for a narrow one.
 *
 * @param min > 0
 * @returns 3 to 8 ticks, rising, all > 0
 */
export function logTicks(min: number, max: number): number[] {
  if (min === max) return logTicks(min / 2, max * 2);
  if (max / min < 3) return niceTicks(min, max);
  const low = Math.floor(Math.log10(min));
  const high = Math.ceil(Math.log10(max));
  const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const fine = powers.flatMap((power) => [1, 2, 5].map((mantissa) => decimal(mantissa, power)));
  const from = fine.filter((tick) => tick <= min).length - 1;
  const to = fine.findIndex((tick) => tick >= max);
  if (to - from < MOST) return fine.slice(from, to + 1);
  const stride = Math.ceil(powers.length / (MOST - 1));
  const count = Math.max(3, Math.ceil((powers.length - 1) / stride) + 1);
  return Array.from({ length: count }, (_, i) => decimal(1, low + i * stride));
}

/** Epochs to write at the axis: all of a few, round ones of many, always the first. */
export function epochTicks(epochs: number): number[] {
  if (epochs <= MOST) return Array.from({ length: Math.max(1, epochs) }, (_, i) => i + 1);
  const ticks = niceTicks(0, epochs).filter((tick) => Number.isInteger(tick) && tick <= epochs && tick > 1);
  return [1, ...ticks];
}

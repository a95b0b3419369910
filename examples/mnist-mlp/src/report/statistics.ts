import { meanAndInterval } from '@kd/metrics';
import { type Html, html } from '@kd/train/report';

/** The mean, or the value itself where there is one; NaN where any is missing. */
export function meanOf(values: readonly number[]): number {
  // NaN comes back from results.json as null.
  return values.length > 0 && values.every(Number.isFinite) ? meanAndInterval(values).mean : Number.NaN;
}

/** Half the width of the 95 % interval around the mean; undefined for one value, which has none. */
function spreadOf(values: readonly number[]): number | undefined {
  if (values.length < 2 || !values.every(Number.isFinite)) return undefined;
  const { mean, high } = meanAndInterval(values);
  return high - mean;
}

/** One seed: its value. Several: their mean, and the 95 % interval as ±. */
export function seedValue(
  values: readonly number[],
  format: (value: number) => string,
  formatMean: (value: number) => string = format,
): Html {
  const mean = meanOf(values);
  const spread = spreadOf(values);
  if (spread === undefined) return html`${format(mean)}`;
  return html`${formatMean(mean)}<small class="interval"> ±\u00a0${formatMean(spread)}</small>`;
}

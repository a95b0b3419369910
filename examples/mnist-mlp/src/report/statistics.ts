import { meanAndInterval } from '@kd/metrics';
import { type Html, html } from './html.ts';

/** The mean, or the value itself where there is one; NaN where any is missing. */
export function meanOf(values: readonly number[]): number {
  // NaN comes back from results.json as null.
  return values.length > 0 && values.every(Number.isFinite) ? meanAndInterval(values).mean : Number.NaN;
}

/** One seed: its value. Several: mean and 95 % interval. */
export function seedValue(
  values: readonly number[],
  format: (value: number) => string,
  formatMean: (value: number) => string = format,
): Html {
  const [first = Number.NaN] = values;
  if (values.length < 2 || !values.every(Number.isFinite))
    return html`${format(values.length < 2 ? first : Number.NaN)}`;
  const { mean, low, high } = meanAndInterval(values);
  return html`${formatMean(mean)}<small class="interval">${formatMean(low)} to ${formatMean(high)}</small>`;
}

/** What stands for a number that was not measured. */
const NONE = '–';

const SUPERSCRIPT: Readonly<Record<string, string>> = {
  '-': '⁻',
  ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].map((raised, digit) => [`${digit}`, raised])),
};

function number(value: number, options: Intl.NumberFormatOptions): string {
  return Number.isFinite(value) ? new Intl.NumberFormat('en-US', options).format(value) : NONE;
}

/** 1,234 */
export function formatCount(value: number): string {
  return number(value, { maximumFractionDigits: 0 });
}

/** 152.4, for the mean of counts. */
export function formatMeanCount(value: number): string {
  return number(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** 2.4M */
export function formatCompact(value: number): string {
  return number(value, { notation: 'compact', maximumFractionDigits: 1 });
}

/** 98.48% of 0.9848 */
export function formatPercent(value: number): string {
  return number(value, { style: 'percent', minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** 98.5% of 0.985, for round numbers at an axis. */
export function formatPercentTick(value: number): string {
  return number(value, { style: 'percent', maximumFractionDigits: 3 });
}

/** [2.13, '10⁻⁶'] of 2.13e-6; the first as text with all its digits. */
function powerOfTen(value: number, digits: number): [mantissa: string, power: string] {
  const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e');
  return [mantissa, `10${exponent.replace(/./g, (character) => SUPERSCRIPT[character] ?? '')}`];
}

/** Three significant digits, and powers of ten for what is very small: 0.0521, 2.13×10⁻⁶, 10⁻⁴. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  if (value === 0 || Math.abs(value) >= 1e-3) return number(value, { maximumSignificantDigits: 3 });
  const [mantissa, power] = powerOfTen(value, 3);
  return Number(mantissa) === 1 ? power : `${Number(mantissa)}×${power}`;
}

/** 0.0570: four decimals, so that a column lines up. */
export function formatLoss(value: number): string {
  return number(value, { minimumFractionDigits: 4, maximumFractionDigits: 4 });
}

/** 0.0280: three digits, zeros included. */
export function formatMeasure(value: number): string {
  return number(value, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
}

/** A probability, short enough to stand at a bar: 0.934, 2.0×10⁻⁵. */
export function formatProbability(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  if (value === 0 || value === 1) return `${value}`;
  if (value >= 1e-3) return number(value, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  return powerOfTen(value, 2).join('×');
}

/** 8.4 s, 3 min 5 s, 2 h 14 min */
export function formatSeconds(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  if (value < 60) return `${number(value, { maximumSignificantDigits: 3 })} s`;
  const [large, small, units] = value < 3570 ? [value / 60, 60, ['min', 's']] : [value / 3600, 60, ['h', 'min']];
  const whole = Math.floor(large);
  const rest = Math.round((large - whole) * small);
  return rest === small ? `${whole + 1} ${units[0]} 0 ${units[1]}` : `${whole} ${units[0]} ${rest} ${units[1]}`;
}

/** Seconds as 1:36, or 2:14:05. */
export function formatClock(seconds: number): string {
  if (!Number.isFinite(seconds)) return NONE;
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** 512 MB, 1.6 GB, in powers of ten. */
export function formatBytes(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let [amount, unit] = [value, 0];
  while (amount >= 999.5 && unit < units.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  const digits = amount < 9.95 && unit > 0 ? 1 : 0;
  return `${number(amount, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${units[unit]}`;
}

/** March 4, 2026 at 9:05 AM UTC; text that is no date stays as it is. */
export function formatDate(text: string): string {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  const format = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(date)} UTC`;
}

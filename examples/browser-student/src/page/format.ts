const number = (value: number, digits: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

export const count = (value: number): string => number(value, 0);

/** Never 100 % of what is not certain: 99.96 % is shown as 99.9 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 1000) / 10;
  return `${number(rounded >= 100 && share < 0.9999 ? 99.9 : rounded, 1)} %`;
}

/** 1 MB = 10⁶ bytes. */
export const megabytes = (bytes: number): string => `${number(bytes / 1e6, bytes < 1e7 ? 2 : 1)} MB`;

export const milliseconds = (value: number): string => `${number(value, value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;

/** How much less the student takes: `1.9 × less`, or more. */
export function ratio(teacher: number, student: number, less: string, more: string): string {
  const factor = teacher / student;
  return factor >= 1 ? `${number(factor, 1)} × ${less}` : `${number(1 / factor, 1)} × ${more}`;
}

/** As people read it: `angular_leaf_spot` has no place to break. */
export const label = (className: string): string => className.replaceAll('_', ' ');

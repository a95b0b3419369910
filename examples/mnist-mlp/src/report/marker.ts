import { type Html, html } from './html.ts';
import type { MarkerShape } from './networks.ts';
import { place } from './scale.ts';

export interface MarkerOptions {
  x: number;
  y: number;
  shape: MarkerShape;
  color: string;
  /** Half its height. @default 4 */
  size?: number;
  /** Outline only. @default false */
  hollow?: boolean;
  opacity?: number;
}

/** One point of a chart, in the shape of its network. */
export function marker({ x, y, shape, color, size = 4, hollow = false, opacity = 1 }: MarkerOptions): Html {
  const paint = html`style="fill:${hollow ? 'var(--surface)' : color};stroke:${color};opacity:${opacity}"`;
  if (shape === 'circle') return html`<circle cx="${place(x)}" cy="${place(y)}" r="${size}" ${paint}/>`;
  if (shape === 'square') {
    // A square or triangle of the circle's height would look larger or smaller than it.
    const half = size * 0.9;
    return html`<rect x="${place(x - half)}" y="${place(y - half)}" width="${2 * half}" height="${2 * half}" ${paint}/>`;
  }
  const reach = size * 1.2;
  const corners = [
    [x, y - reach],
    [x + reach, y + reach * 0.8],
    [x - reach, y + reach * 0.8],
  ].map(([cx, cy]) => `${place(cx!)},${place(cy!)}`);
  return html`<polygon points="${corners.join(' ')}" ${paint}/>`;
}

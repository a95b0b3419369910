import { type Html, html } from './html.ts';
import { place } from './scale.ts';

/** Drawn at the points of a network: shapes tell networks apart where colours do not. */
export type MarkerShape = 'circle' | 'square' | 'triangle' | 'diamond';

/** How a network looks in every chart. */
export interface NetworkStyle {
  /** What the page calls it. */
  name: string;
  /** A colour of the style sheet: `var(--teacher)`, `var(--student)`, `var(--baseline)`, `var(--other)`. */
  color: string;
  shape: MarkerShape;
}

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
  const foot = reach * 0.8;
  const outline = {
    triangle: [
      [x, y - reach],
      [x + reach, y + foot],
      [x - reach, y + foot],
    ],
    diamond: [
      [x, y - reach],
      [x + reach, y],
      [x, y + reach],
      [x - reach, y],
    ],
  };
  const corners = outline[shape].map(([cx, cy]) => `${place(cx!)},${place(cy!)}`);
  return html`<polygon points="${corners.join(' ')}" ${paint}/>`;
}

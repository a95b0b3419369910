import { type Html, html } from './html.ts';
import { marker, type NetworkStyle } from './marker.ts';

/** The point of a network, to stand before its name. */
export function swatch({ color, shape }: Omit<NetworkStyle, 'name'>): Html {
  return html`<svg class="swatch" viewBox="0 0 14 14" aria-hidden="true">${marker({ x: 7, y: 7, shape, color, size: 5 })}</svg>`;
}

/** A line, to stand before what is drawn that way. */
function lineKey(dashed: boolean): Html {
  return html`<svg class="line-key" viewBox="0 0 26 14" aria-hidden="true"><path class="line${dashed && ' dashed'}" d="M0 7H26" style="stroke:currentColor;stroke-width:2"/></svg>`;
}

export interface LegendOptions {
  networks: readonly NetworkStyle[];
  /** What a solid and a dashed line are. */
  solid?: string;
  dashed?: string;
  /** Whether epochs that were kept are ringed. @default false */
  kept?: boolean;
}

/** What the marks of a chart mean. */
export function legend({ networks, solid, dashed, kept = false }: LegendOptions): Html {
  const ring = html`<svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><circle class="kept" cx="7" cy="7" r="6" style="stroke:currentColor"/></svg>`;
  const items = [
    ...networks.map((style) => html`${swatch(style)} ${style.name}`),
    solid !== undefined && html`${lineKey(false)} ${solid}`,
    dashed !== undefined && html`${lineKey(true)} ${dashed}`,
    kept && html`${ring} kept epoch`,
  ];
  return html`<ul class="legend">${items.map((item) => item && html`<li>${item}</li>`)}</ul>`;
}

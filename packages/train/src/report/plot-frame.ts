import { type Html, html } from './html.ts';
import { place, type Scale } from './scale.ts';

/** The drawing area of line and scatter charts, in SVG units: about one screen pixel each where two stand side by side. */
export const PLOT = { width: 480, height: 296, left: 56, right: 464, top: 32, bottom: 246 } as const;

export interface AxisOptions {
  label: string;
  ticks: readonly number[];
  scale: Scale;
  format: (value: number) => string;
}

/** Grid, tick labels and axis names of a chart. */
export function plotFrame(x: AxisOptions, y: AxisOptions): Html {
  const { left, right, bottom, height } = PLOT;
  const rows = y.ticks.map((tick) => {
    const at = place(y.scale(tick));
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/>
<text x="${left - 8}" y="${at}" dy="0.35em" text-anchor="end">${y.format(tick)}</text>`;
  });
  const columns = x.ticks.map((tick) => {
    const at = place(x.scale(tick));
    return html`<line class="axis" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/>
<text x="${at}" y="${bottom + 19}" text-anchor="middle">${x.format(tick)}</text>`;
  });
  const middle = (left + right) / 2;
  return html`${rows}<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${columns}
<text class="axis-label" x="${middle}" y="${height - 8}" text-anchor="middle">${x.label}</text>
<text class="axis-label" x="0" y="13">${y.label}</text>`;
}

/** An SVG that fills its column, and that screen readers announce as one picture. */
export function svgChart(summary: string, ...content: Html[]): Html {
  return html`<svg class="chart" viewBox="0 0 ${PLOT.width} ${PLOT.height}" role="img" aria-label="${summary}">${content}</svg>`;
}

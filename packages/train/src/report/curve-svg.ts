import { type Curve, curveChart } from './curve-figure.ts';
import { html, trusted } from './html.ts';
import { marker, type NetworkStyle } from './marker.ts';
import { PLOT } from './plot-frame.ts';
import { STYLES } from './styles.ts';

const ROW = 20;
/** A generous guess: fonts are the reader's. */
const CHARACTER = 8;
const MARGIN = 8;

/** One after the other, in as many rows as it takes. */
function legendRows(networks: readonly NetworkStyle[]): { style: NetworkStyle; x: number; row: number }[] {
  let x = 12;
  let row = 0;
  return networks.map((style) => {
    const width = 26 + style.name.length * CHARACTER;
    if (x > 12 && x + width > PLOT.width) {
      x = 12;
      row += 1;
    }
    const here = { style, x, row };
    x += width;
    return here;
  });
}

/**
 * A chart of values by epoch and its legend as an SVG file, for a README: in the colours of the report, light or dark as the
 * reader's system is. At least one series must have a finite value.
 *
 * @example
 * import { accuracyCurve, curveSvg, html } from '@kd/train/report';
 * const student = { name: 'Student', color: 'var(--student)', shape: 'triangle', values: [0.81, 0.9] } as const;
 * console.log(curveSvg(accuracyCurve({ series: [student], legend: html`` })).startsWith('<svg xmlns=')); // true
 */
export function curveSvg(curve: Curve): string {
  const items = legendRows(curve.series);
  const width = PLOT.width + 2 * MARGIN;
  const height = PLOT.height + ROW * (1 + Math.max(-1, ...items.map(({ row }) => row))) + 2 * MARGIN;
  const own = trusted(`${STYLES}\n:root { background: var(--surface); font: 16px system-ui, sans-serif; }`);
  const key = items.map(({ style, x, row }) => {
    const y = PLOT.height + ROW * (row + 0.5);
    return html`${marker({ ...style, x: x + 6, y, size: 5 })}<text x="${x + 16}" y="${y}" dy="0.35em">${style.name}</text>`;
  });
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}"><style>${own}</style>
<svg width="${PLOT.width}" height="${PLOT.height}">${curveChart(curve)}</svg>
<g class="chart">${key}</g></svg>
`.markup;
}

import { type Html, html } from './html.ts';
import { place } from './scale.ts';

/** One field of a heat map. */
export interface HeatField {
  /** How deep its colour is, in [0, 1]; absent where there is no value. */
  share?: number;
  text: string;
  /** Smaller, below the text. */
  detail?: string;
  /** `best` has a thick frame, `tied` a dashed one. */
  mark?: 'best' | 'tied';
  /** What it says to a pointer that rests on it. */
  title: string;
}

export interface HeatMapOptions {
  /** What it shows, for those who do not see it. */
  label: string;
  rows: { name: string; values: readonly string[] };
  columns: { name: string; values: readonly string[] };
  /** By row, then column. */
  fields: readonly (readonly HeatField[])[];
}

const WIDTH = 104;
const HEIGHT = 54;
const LETTER = 7.2; // of the axis labels, about

/** A field of colours over two axes. The numbers stand in it, so that it can be read without telling colours apart. */
export function heatMap({ label, rows, columns, fields }: HeatMapOptions): Html {
  const left = 16 + LETTER * Math.max(...[rows.name, ...rows.values].map((text) => text.length));
  const top = 42;
  const [width, height] = [left + WIDTH * columns.values.length + 4, top + HEIGHT * rows.values.length + 4];
  const middle = (column: number): number => place(left + WIDTH * (column + 0.5));
  const field = ({ share, text, detail, mark, title }: HeatField, row: number, column: number): Html => {
    const [x, y] = [place(left + WIDTH * column + 2), top + HEIGHT * row + 2];
    const color = share === undefined ? '' : `--share:${Math.min(1, Math.max(0, share)).toFixed(3)}`;
    const lift = detail === undefined ? 5 : 0;
    return html`<g><title>${title}</title><rect class="heat ${share === undefined ? 'empty' : ''} ${mark ?? ''}" x="${x}" y="${y}" width="${WIDTH - 4}" height="${HEIGHT - 4}" rx="3" style="${color}"/>
<text class="${mark === 'best' ? 'point-label' : ''}" x="${middle(column)}" y="${y + 22 + lift}" text-anchor="middle">${text}</text>${
      detail !== undefined &&
      html`<text class="axis-label heat-detail" x="${middle(column)}" y="${y + 39}" text-anchor="middle">${detail}</text>`
    }</g>
`;
  };
  return html`<svg class="chart heat-map narrow" viewBox="0 0 ${place(width)} ${height}" style="width:${place(width)}px" role="img" aria-label="${label}">
<text class="axis-label" x="${place(left + (WIDTH * columns.values.length) / 2)}" y="14" text-anchor="middle">${columns.name}</text>
<text class="axis-label" x="${place(left - 8)}" y="34" text-anchor="end">${rows.name}</text>
${columns.values.map((value, column) => html`<text x="${middle(column)}" y="34" text-anchor="middle">${value}</text>`)}
${rows.values.map(
  (
    value,
    row,
  ) => html`<text x="${place(left - 8)}" y="${top + HEIGHT * (row + 0.5) + 4}" text-anchor="end">${value}</text>
${fields[row]!.map((one, column) => field(one, row, column))}`,
)}</svg>`;
}

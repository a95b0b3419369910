export { niceTicks } from './axis.ts';
export type { BarChartOptions, BarColumn } from './bar-chart.ts';
export { bar, barCharts } from './bar-chart.ts';
export type { Curve } from './curve-figure.ts';
export { curveFigure } from './curve-figure.ts';
export { curveSvg } from './curve-svg.ts';
export { logarithmicTicks, rateTicks } from './curve-ticks.ts';
export type { CurveLines } from './curves.ts';
export { accuracyCurve, lossCurve } from './curves.ts';
export {
  formatBytes,
  formatClock,
  formatCompact,
  formatCount,
  formatDate,
  formatLoss,
  formatMeanCount,
  formatMeasure,
  formatNumber,
  formatPercent,
  formatPercentTick,
  formatProbability,
  formatSeconds,
} from './format.ts';
export type { Html, HtmlValue } from './html.ts';
export { html } from './html.ts';
export type { LegendOptions } from './legend.ts';
export { legend, swatch } from './legend.ts';
export type { LineSeries } from './line-chart.ts';
export type { MarkerShape, NetworkStyle } from './marker.ts';
export { page } from './page.ts';
export { picture } from './picture.ts';
export type { ShownAnswer } from './picture-card.ts';
export { pictureCard } from './picture-card.ts';
export type { PngPixels } from './png.ts';
export { encodePng } from './png.ts';
export { probabilities } from './run/probabilities.ts';
export type { ReportBaseline, ReportNetwork } from './run/run-report.ts';
export type { ScatterAxis, ScatterChartOptions, ScatterPoint } from './scatter-chart.ts';
export { scatterChart } from './scatter-chart.ts';
export { scrolling, section } from './section.ts';

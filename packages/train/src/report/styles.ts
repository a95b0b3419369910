/**
 * The look of the report: system fonts, and colours as variables so that charts follow light, dark and print.
 *
 * Networks have the blue, vermilion and green of Okabe and Ito, which stay apart for colour-blind eyes, and lighter
 * ones of the same hue on dark.
 */
export const STYLES = `
:root {
  color-scheme: light dark;
  --page: #f6f6f3; --surface: #ffffff; --ink: #1d2126; --muted: #5b636d; --line: #dcdcd6; --axis: #8b929b;
  --teacher: #0072b2; --baseline: #d55e00; --student: #009e73; --other: #a34a86; --shadow: #00000033; --notice: #8a5a00; --notice-page: #fff6df;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --surface: #1c2025; --ink: #e8e8e4; --muted: #a2abb5; --line: #343a42; --axis: #79828d;
    --teacher: #56b4e9; --baseline: #f0883e; --student: #2fc495; --other: #dd8fc4; --shadow: #000000aa; --notice: #f0c674; --notice-page: #2b2618;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 1100px; margin: 0 auto; padding: 32px 24px 64px; overflow-wrap: anywhere; }
h1 { margin: 0 0 4px; font-size: 1rem; font-weight: 600; color: var(--muted); }
h2 { margin: 0 0 12px; font-size: 1.25rem; line-height: 1.3; }
p { margin: 0 0 12px; }
section { margin-top: 48px; }
figure { margin: 0; }
.result { margin: 0 0 24px; max-width: 34em; font-size: 1.6rem; line-height: 1.3; font-weight: 600; text-wrap: balance; }
.muted, small { color: var(--muted); }
.muted { font-size: 0.875rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 200px), 1fr)); gap: 12px; margin-bottom: 20px; }
.tile, .plot, .scroll, .soft-targets, details { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
.tile { padding: 14px 16px; }
.tile p { margin: 0; }
.tile .large { font-size: 2.1rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile .unit { font-size: 1rem; font-weight: 400; color: var(--muted); }
.tile .bar { height: 6px; margin: 6px 0; }
.verdict { margin-bottom: 16px; padding: 2px 0 2px 16px; border-left: 4px solid var(--axis); }
.verdict p { margin: 0; }
.verdict ul { margin: 4px 0 0; padding-left: 1.2em; }
.verdict details { margin-top: 8px; }
.warning { padding: 8px 14px; border-radius: 8px; background: var(--notice-page); border: 1px solid var(--notice); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 4px 32px; margin: 20px 0 16px; font-size: 0.9375rem; }
.facts div { display: grid; grid-template-columns: 5.6em 1fr; gap: 8px; }
dt { color: var(--muted); }
dd { margin: 0; }
.command-title { margin: 0 0 4px; font-size: 0.9375rem; color: var(--muted); }
pre { margin: 0; padding: 10px 14px; overflow-x: auto; }
pre, code { font: 0.875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
.command { white-space: pre-wrap; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
details summary { padding: 10px 14px; cursor: pointer; }
details > ul { padding-bottom: 10px; padding-right: 14px; }
details > pre { border-top: 1px solid var(--line); }
:focus-visible { outline: 2px solid var(--teacher); outline-offset: 2px; }

/* Shadows at the side where a table goes on; covers that scroll along hide them where it ends. */
.scroll {
  overflow-x: auto; margin-bottom: 10px;
  background:
    linear-gradient(to right, var(--surface) 50%, transparent) left / 32px 100% no-repeat local,
    linear-gradient(to left, var(--surface) 50%, transparent) right / 32px 100% no-repeat local,
    linear-gradient(to right, var(--shadow), transparent) left / 12px 100% no-repeat scroll,
    linear-gradient(to left, var(--shadow), transparent) right / 12px 100% no-repeat scroll,
    var(--surface);
}
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.numbers { width: 100%; overflow-wrap: normal; font-size: 0.9375rem; }
.scroll:has(> .narrow) { width: fit-content; max-width: 100%; }
.numbers th, .numbers td { padding: 9px 12px; text-align: right; vertical-align: top; border-top: 1px solid var(--line); }
.numbers td { white-space: nowrap; }
.numbers thead th { border-top: 0; vertical-align: bottom; font-size: 0.8125rem; font-weight: 600; color: var(--muted); }
.numbers th:first-child { text-align: left; white-space: nowrap; }
.numbers.narrow th:first-child { white-space: normal; }
.numbers small { display: block; font-weight: 400; }
.numbers .strong { font-weight: 700; }
.numbers th .interval { display: inline; }
.tile .interval { font-size: 1rem; font-weight: 400; }

.matrix { width: auto; }
.matrix caption { padding: 10px 12px 0; text-align: left; font-size: 0.8125rem; color: var(--muted); }
.matrix td { text-align: center; min-width: 4.5em; }
.matrix thead th { text-align: center; }
.matrix .none { color: var(--muted); }
.matrix .aside { border-left: 1px solid var(--line); color: var(--muted); font-weight: 400; }
.scroll:has(> .matrix) { width: fit-content; max-width: 100%; }
.pairs { margin: 0; padding-left: 1.2em; columns: 18em; }
.settings td, .settings thead th { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.settings th:first-child { width: 1%; font-weight: 400; }
details > .scroll { border-width: 1px 0 0; border-radius: 0 0 8px 8px; margin: 0; }

.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(136px, 1fr)); gap: 20px 16px; margin-bottom: 12px; }
.samples { display: grid; grid-template-columns: repeat(4, minmax(0, 112px)); gap: 12px 24px; }
.picture { display: block; max-width: 100%; height: auto; border-radius: 4px; background: #000; }
.squares { image-rendering: pixelated; }
.card { min-width: 0; }
.card figcaption { margin-top: 6px; font-size: 0.9375rem; }
.answers { list-style: none; margin: 0; padding: 0; font-size: 0.875rem; }
.answers .wrong strong { font-weight: 400; }
/* A long name goes to the next line as a whole, if that is long enough. */
.card strong { display: inline-block; max-width: 100%; }
.right .mark { color: var(--student); }
.wrong .mark { color: var(--baseline); }
.mark { font-weight: 700; }

.soft-targets { display: flex; gap: 28px; align-items: center; padding: 18px; }
.soft-targets .card { flex: none; }
.bars { flex: 1; min-width: 0; width: 100%; table-layout: fixed; font-size: 0.875rem; }
.bars th, .bars td { padding: 1.5px 6px; text-align: left; font-weight: 400; }
.bars thead th { padding-bottom: 6px; font-weight: 600; }
.bars th:first-child { width: max(4.5em, var(--names) * 0.62em + 0.8em); padding-left: 0; }
.bars .marked th, .bars .marked td { font-weight: 700; }
.bar { display: block; width: 100%; height: 12px; background: var(--line); border-radius: 2px; }
.bar-cell { display: flex; align-items: center; gap: 6px; height: 18px; border-left: 1px solid var(--axis); }
/* The number stands at the bar's end; the longest leaves it room. */
.bar-cell .bar { flex: none; width: calc((100% - 4.2em) * var(--share)); height: 14px; border-radius: 0; background: none; }
.bar-cell .number { white-space: nowrap; }

.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px; }
.plot { padding: 14px 14px 8px; display: flex; flex-direction: column; }
.plot .chart { margin-top: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; margin: 6px 0 4px; padding: 0; list-style: none; font-size: 0.8125rem; }
.legend li { display: flex; align-items: center; gap: 5px; }
.swatch { width: 14px; height: 14px; vertical-align: -2px; flex: none; overflow: visible; }
.line-key { width: 26px; height: 14px; flex: none; }
.chart { display: block; width: 100%; height: auto; max-width: 720px; overflow: visible; }
.chart text { fill: var(--ink); font-size: 12.5px; font-variant-numeric: tabular-nums; }
.chart .axis-label { fill: var(--muted); }
.chart .point-label { font-weight: 600; font-size: 13px; }
.bin { opacity: 0.25; }
.grid { stroke: var(--line); stroke-width: 1; }
.axis { stroke: var(--axis); stroke-width: 1; }
.line { fill: none; stroke-linejoin: round; stroke-linecap: round; }
.dashed { stroke-dasharray: 5 4; stroke-linecap: butt; }
.kept { fill: none; stroke-width: 1.5; }
.band { fill: transparent; }
.band:hover { fill: var(--ink); opacity: 0.07; }
.maps { display: flex; flex-wrap: wrap; gap: 8px 24px; }
.maps figure { max-width: 100%; }
.heat { --heat: 65%; fill: color-mix(in srgb, var(--teacher) calc(var(--share) * var(--heat)), var(--surface)); stroke: var(--line); }
.heat.empty { fill: none; stroke-dasharray: 2 3; }
.heat.tied { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
.heat.best { stroke: var(--ink); stroke-width: 3; }
.chart.heat-map { max-width: none; margin: 8px; }
.chart.heat-map text { font-size: 13px; }
.chart.heat-map .heat-detail { font-size: 11.5px; fill: var(--ink); }
@media screen and (prefers-color-scheme: dark) { .heat { --heat: 45%; } }

@media (max-width: 600px) {
  main { padding: 20px 16px 48px; }
  .result { font-size: 1.25rem; }
  section { margin-top: 36px; }
  .soft-targets { flex-direction: column; align-items: stretch; padding: 14px 12px; }
  .bars { font-size: 0.8125rem; }
  .bars th, .bars td { padding: 3px 4px; }
  .soft-targets .picture { width: 112px; }
  .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
  .tile { padding: 10px 8px; font-size: 0.8125rem; line-height: 1.35; display: flex; flex-direction: column; }
  .tile .large { font-size: clamp(1.1rem, 5.5vw, 1.5rem); margin-top: auto; }
  .tile .large .unit, .tile .large .interval { font-size: 0.8125rem; }
  .tile .muted { font-size: 0.75rem; }
  .bars th:first-child { width: max(3.6em, min(var(--names), 9) * 0.6em + 0.5em); }
  .bar-cell { flex-direction: column; align-items: flex-start; justify-content: center; gap: 0; height: 28px; }
  .bar-cell .bar { width: calc(100% * var(--share)); height: 9px; }
  .bar-cell .number { padding-left: 4px; font-size: 0.75rem; line-height: 1.3; }
  .samples { gap: 12px; }
  .plot { padding: 12px 8px 6px; }
  .chart text, .chart .point-label { font-size: 15px; }
}
@media print {
  :root { --page: #ffffff; }
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; }
  .scroll { overflow: visible; background: none; }
  .plots { grid-template-columns: 1fr 1fr; }
  .numbers { font-size: 8.5pt; }
  .numbers th, .numbers td { padding: 4px 6px; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  section { margin-top: 28px; }
  figure, .scroll, .tile, .soft-targets { break-inside: avoid; }
  h2, section > p { break-after: avoid; }
  .bar, .heat, .picture, .warning { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;

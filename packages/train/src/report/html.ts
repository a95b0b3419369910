import { escapeHtml } from './escape-html.ts';

/** Markup in which every value has been escaped. */
export interface Html {
  readonly markup: string;
}

export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[];

function render(value: HtmlValue): string {
  if (value === false || value === undefined) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return `${value}`;
  return 'markup' in value ? value.markup : value.map(render).join('');
}

/**
 * Tagged template for HTML and SVG: text is escaped, markup of an inner `html` is kept, lists are joined, and `false`
 * and `undefined` leave nothing. Nobody has to remember to escape a class name.
 *
 * @example
 * import { html } from '@kd/train/report';
 * const names = ['cats & dogs', '<none>'];
 * console.log(html`<ul>${names.map((name) => html`<li>${name}</li>`)}</ul>`.markup); // <ul><li>cats &amp; dogs</li><li>&lt;none&gt;</li></ul>
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return { markup: strings.reduce((page, text, i) => page + render(values[i - 1]) + text) };
}

/** Markup that we wrote ourselves, such as the style sheet. Never text from data. */
export function trusted(markup: string): Html {
  return { markup };
}

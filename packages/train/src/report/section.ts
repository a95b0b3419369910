import { type Html, type HtmlValue, html } from './html.ts';

/**
 * One part of a page under its heading.
 *
 * @example
 * import { html, section } from '@kd/train/report';
 * console.log(section('Settings', html`<p>none</p>`).markup.startsWith('<section><h2>Settings</h2>')); // true
 */
export function section(title: string, ...content: HtmlValue[]): Html {
  return html`<section><h2>${title}</h2>
${content}</section>
`;
}

/** A name that may go on in the next line after each underscore, hyphen or slash. */
export function breakable(name: string): Html {
  return html`${name.split(/(?<=[_/-])/).map((part, i) => html`${i > 0 && html`<wbr>`}${part}`)}`;
}

/** A table that scrolls by itself where the screen is narrow; the page never does. */
export function scrolling(label: string, table: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

import { type Html, type HtmlValue, html } from '../html.ts';

/** One part of the report under its heading. */
export function section(title: string, ...content: HtmlValue[]): Html {
  return html`<section><h2>${title}</h2>
${content}</section>
`;
}

/** A table that scrolls by itself where the screen is narrow; the page never does. */
export function scrolling(label: string, table: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

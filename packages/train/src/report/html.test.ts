import { expect, it } from 'vitest';
import { html, trusted } from './html.ts';

it('escapes text, between tags and in attributes', () => {
  expect(html`<b title="${'"'}">${'<i>'}</b>`.markup).toBe('<b title="&quot;">&lt;i&gt;</b>');
});

it('keeps markup, also in lists, and does not escape it twice', () => {
  const items = ['&', '<'].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>`.markup).toBe('<ul><li>&amp;</li><li>&lt;</li></ul>');
});

it('leaves out what is false or undefined, and keeps 0 and empty text', () => {
  expect(html`[${false}${undefined}${0}${''}]`.markup).toBe('[0]');
});

it('takes our own markup as it is', () => {
  expect(html`<style>${trusted('a > b {}')}</style>`.markup).toBe('<style>a > b {}</style>');
});

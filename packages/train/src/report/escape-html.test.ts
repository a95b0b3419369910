import { expect, it } from 'vitest';
import { escapeHtml } from './escape-html.ts';

it('leaves no character that starts a tag, an entity or ends an attribute', () => {
  expect(escapeHtml(`<script>"a" & 'b'</script>`)).toBe('&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;');
});

it('leaves other text alone', () => {
  expect(escapeHtml('T = 20, 2×10⁻⁶ – “3”')).toBe('T = 20, 2×10⁻⁶ – “3”');
});

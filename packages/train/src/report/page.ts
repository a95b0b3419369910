import { type Html, type HtmlValue, html, trusted } from './html.ts';
import { STYLES } from './styles.ts';

// Even if text from data got past the escaping, nothing would run and nothing would leave the computer.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * A whole HTML page, complete in itself: it opens from disk, without network and without scripts, light or dark as the
 * reader's system is.
 *
 * @param title of the window
 * @param content of `<main>`
 *
 * @example
 * import { html, page } from '@kd/train/report';
 * const { markup } = page('Beans', html`<h1>${'1 < 2'}</h1>`);
 * console.log(markup.includes('<title>Beans</title>'), markup.includes('<h1>1 &lt; 2</h1>')); // true true
 */
export function page(title: string, content: HtmlValue): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(STYLES)}</style>
</head>
<body>
<main>
${content}</main>
</body>
</html>
`;
}

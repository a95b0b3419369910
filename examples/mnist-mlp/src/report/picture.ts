import { type Html, html } from './html.ts';
import { encodeGrayPng } from './png.ts';

/** An image of the data set inside the page, four screen pixels for one of its own. */
export function picture(
  pixels: readonly number[],
  { width, height }: { width: number; height: number },
  alt: string,
  zoom = 4,
): Html {
  const data = encodeGrayPng(pixels, width, height).toString('base64');
  return html`<img class="picture" src="data:image/png;base64,${data}" width="${width * zoom}" height="${height * zoom}" alt="${alt}">`;
}

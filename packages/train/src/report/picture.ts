import { type Html, html } from './html.ts';
import { encodePng, type PngPixels } from './png.ts';

/** Wider pictures are photographs: they are shown smoothly, and not as the squares that their pixels are. */
const MOST_SQUARES = 48;

function dataUri(png: Uint8Array): string {
  let text = '';
  for (const byte of png) text += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(text)}`;
}

/**
 * An image inside the page, as PNG in its address.
 *
 * @param zoom screen pixels for one of its own
 *
 * @example
 * import { picture } from '@kd/train/report';
 * const { markup } = await picture({ data: [0, 255], width: 2, height: 1, channels: 1 }, 'black, white', 10);
 * console.log(markup.slice(0, 59)); // <img class="picture squares" src="data:image/png;base64,iVB
 */
export async function picture(pixels: PngPixels, alt: string, zoom = 4): Promise<Html> {
  const { width, height } = pixels;
  const squares = width <= MOST_SQUARES && height <= MOST_SQUARES;
  const source = dataUri(await encodePng(pixels));
  return html`<img class="picture${squares && ' squares'}" src="${source}" width="${Math.round(width * zoom)}" height="${Math.round(height * zoom)}" alt="${alt}">`;
}

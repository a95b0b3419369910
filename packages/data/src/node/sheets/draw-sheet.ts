import type { ImageArray } from '@kd/core';
import { loadSharp } from '../load-sharp.ts';

/** One picture of a sheet. */
export interface Tile {
  /** uint8 in [0, 255] or float32 in [0, 1], [height, width, 1 or 3]; absent if there is none to show. */
  image?: ImageArray | undefined;
  /** Lines below it. */
  captions: readonly string[];
}

export interface SheetLayout {
  /** Pictures side by side. */
  columns: number;
  /** Side of the square that each is fitted into, in pixels. */
  tileSize: number;
  /** Above them all. */
  title?: string | undefined;
}

const GAP = 8;
const LINE = 15;
const FONT_SIZE = 11;

/** A PNG of pictures in rows, each with its captions. */
export async function drawSheet(
  caller: string,
  tiles: readonly Tile[],
  { columns, tileSize, title }: SheetLayout,
): Promise<Uint8Array> {
  const sharp = await loadSharp(caller);
  const lines = Math.max(...tiles.map(({ captions }) => captions.length));
  const cell = { width: tileSize + GAP, height: tileSize + lines * LINE + GAP };
  const top = title === undefined ? GAP : GAP + 2 * LINE;
  const width = GAP + Math.min(columns, tiles.length) * cell.width;
  const height = top + Math.ceil(tiles.length / columns) * cell.height;
  const placeOf = (i: number): { left: number; top: number } => ({
    left: GAP + (i % columns) * cell.width,
    top: top + Math.floor(i / columns) * cell.height,
  });

  const pictures = await Promise.all(
    tiles.map(async ({ image }, i) => {
      if (!image) return [];
      const [rows, width, channels] = image.shape as [number, number, 1 | 3];
      const small = Math.max(rows, width) < tileSize / 2; // a digit's pixels are to be seen, not blurred
      const { data, info } = await sharp(levels(image), { raw: { width, height: rows, channels } })
        .resize(tileSize, tileSize, { fit: 'inside', kernel: small ? 'nearest' : 'lanczos3' })
        .png()
        .toBuffer({ resolveWithObject: true });
      const place = placeOf(i);
      const middle = { left: (tileSize - info.width) >> 1, top: (tileSize - info.height) >> 1 };
      return [{ input: data, left: place.left + middle.left, top: place.top + middle.top }];
    }),
  );
  const texts = tiles.flatMap(({ image, captions }, i) => {
    const { left, top } = placeOf(i);
    const fits = Math.floor(tileSize / (FONT_SIZE * 0.58));
    const shown = captions.map((caption, line) =>
      text(left, top + tileSize + (line + 1) * LINE - 3, shorten(caption, fits)),
    );
    if (image) return shown;
    return [...shown, `<rect x="${left}" y="${top}" width="${tileSize}" height="${tileSize}" fill="#ddd"/>`];
  });
  const heading = title === undefined ? [] : [text(GAP, GAP + LINE, title, 'font-size="15" font-weight="bold"')];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="${FONT_SIZE}" fill="#222">${[...heading, ...texts].join('')}</svg>`;
  const png = await sharp({ create: { width, height, channels: 3, background: 'white' } })
    .composite([{ input: Buffer.from(svg), left: 0, top: 0 }, ...pictures.flat()])
    .png({ palette: false, compressionLevel: 9 })
    .toBuffer();
  return new Uint8Array(png);
}

function levels({ data }: ImageArray): Uint8Array {
  return data instanceof Uint8Array
    ? data
    : Uint8Array.from(data, (level) => Math.min(255, Math.max(0, 255 * level + 0.5)));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function text(x: number, y: number, content: string, style = ''): string {
  const safe = content.replaceAll(/[&<>]/g, (sign) => ENTITIES[sign]!).replaceAll(/\p{Cc}/gu, ' ');
  return `<text x="${x}" y="${y}" ${style}>${safe}</text>`;
}

/** The end of a long name tells more than its beginning. */
function shorten(caption: string, length: number): string {
  return caption.length <= length ? caption : `…${caption.slice(1 - length)}`;
}

import type { ImageArray } from '@kd/core';
import { element, make } from './elements.ts';

/** The pixels that are left of an image when the network gets it. */
export function showSeen(image: ImageArray | undefined): void {
  element('seen').hidden = image === undefined;
  if (!image) return;
  const [height = 0, width = 0, channels = 0] = image.shape;
  const canvas = element<HTMLCanvasElement>('seen-pixels');
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const [red, green, blue] = channels === 1 ? [0, 0, 0] : [0, 1, 2];
    const at = channels * i;
    pixels.data.set([image.data[at + red!]!, image.data[at + green!]!, image.data[at + blue!]!, 255], 4 * i);
  }
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  element('seen-text').textContent = `What the student sees: ${width} × ${height} pixels`;
}

let urls: string[] = [];

/** Buttons with the images of a run. */
export function showSamples(samples: ReadonlyMap<string, Blob>, onPick: (name: string, image: Blob) => void): void {
  for (const url of urls) URL.revokeObjectURL(url);
  urls = [];
  const buttons = [...samples].map(([name, image]) => {
    const picture = make('img', '');
    picture.src = URL.createObjectURL(image);
    urls.push(picture.src);
    picture.alt = name.replace(/\.\w+$/, '').replaceAll(/[-_]/g, ' ');
    const button = make('button', 'sample', picture);
    button.type = 'button';
    button.addEventListener('click', () => onPick(name, image));
    return button;
  });
  element('sample-list').replaceChildren(...buttons);
  element('samples').hidden = buttons.length === 0;
}

let photoUrl: string | undefined;

/** The photograph as it came. */
export function showPhotograph(name: string, image: Blob | undefined): void {
  if (photoUrl) URL.revokeObjectURL(photoUrl);
  photoUrl = image && URL.createObjectURL(image);
  const photo = element<HTMLImageElement>('photo');
  photo.hidden = image === undefined;
  element('photo-hint').hidden = image !== undefined;
  if (photoUrl) photo.src = photoUrl;
  photo.alt = name;
}

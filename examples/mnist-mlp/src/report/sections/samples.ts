import { type Html, html, pictureCard, section } from '@kd/train/report';
import type { RunResults } from '../../results.ts';
import { imageOf } from '../picture.ts';

/** What the networks look at. */
export async function samples({ samples: pictures, dataset }: RunResults): Promise<Html> {
  const cards = pictures.map(async (image) => {
    const name = dataset.classNames[image.label] ?? `${image.label}`;
    return pictureCard(await imageOf(image, dataset, `Training image ${image.id}, labelled ${name}`), name);
  });
  return section('What the networks see', html`<div class="samples">${await Promise.all(cards)}</div>`);
}

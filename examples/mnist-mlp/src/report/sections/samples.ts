import type { RunResults } from '../../results.ts';
import { type Html, html } from '../html.ts';
import { picture } from '../picture.ts';
import { section } from './section.ts';

/** What the networks look at. */
export function samples({ samples: pictures, dataset }: RunResults): Html {
  const cards = pictures.map(({ id, pixels, label }) => {
    const name = dataset.classNames[label] ?? `${label}`;
    return html`<figure class="card">${picture(pixels, dataset, `Training image ${id}, labelled ${name}`)}<figcaption>Label <strong>${name}</strong></figcaption></figure>`;
  });
  return section('What the networks see', html`<div class="samples">${cards}</div>`);
}

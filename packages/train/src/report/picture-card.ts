import { formatProbability } from './format.ts';
import { type Html, html } from './html.ts';
import { breakable } from './section.ts';

/** What somebody takes a picture for. */
export interface ShownAnswer {
  who: string;
  /** The class's name. */
  answer: string;
  /** In [0, 1]. */
  probability: number;
  right: boolean;
}

/** A tick or a cross, and words for those who hear the page. */
function line({ who, answer, probability, right }: ShownAnswer): Html {
  return html`<li class="${right ? 'right' : 'wrong'}"><span class="mark" aria-hidden="true">${right ? '✓' : '✗'}</span> ${who} <strong>${breakable(answer)}</strong> <span class="muted">${formatProbability(probability)}</span><span class="hidden">${right ? ', right' : ', wrong'}</span></li>`;
}

/**
 * A picture with its label, and what it was taken for.
 *
 * @example
 * import { picture, pictureCard } from '@kd/train/report';
 * const image = await picture({ data: [0, 255], width: 2, height: 1, channels: 1 }, 'black, white');
 * const answer = { who: 'Teacher', answer: 'dog', probability: 0.9, right: false };
 * console.log(pictureCard(image, 'cat', [answer]).markup.includes('✗')); // true
 */
export function pictureCard(image: Html, label: string, answers: readonly ShownAnswer[] = []): Html {
  const list = answers.length > 0 && html`<ul class="answers">${answers.map(line)}</ul>`;
  return html`<figure class="card">${image}<figcaption>Label <strong>${breakable(label)}</strong>${list}</figcaption></figure>`;
}

import type { Answer, RunResults } from '../../results.ts';
import { formatCount, formatProbability } from '../format.ts';
import { type Html, html } from '../html.ts';
import { picture } from '../picture.ts';
import { section } from './section.ts';

/** A tick or a cross, and words for those who hear the page. */
function answer(who: string, { prediction, probability }: Answer, label: number, name: string): Html {
  const right = prediction === label;
  return html`<li class="${right ? 'right' : 'wrong'}"><span class="mark" aria-hidden="true">${right ? '✓' : '✗'}</span> ${who} <strong>${name}</strong> <span class="muted">${formatProbability(probability)}</span><span class="hidden">${right ? ', right' : ', wrong'}</span></li>`;
}

/** Test images to which teacher and student answer differently. */
export function disagreements({ disagreements: images, disagreementCount, dataset, seeds }: RunResults): Html {
  const title = 'Where teacher and student disagree';
  const total = formatCount(dataset.test);
  if (disagreementCount === 0) {
    return section(title, html`<p>Nowhere: both give the same answer to all ${total} test images.</p>`);
  }
  const nameOf = (label: number): string => dataset.classNames[label] ?? `${label}`;
  const cards = images.map(({ id, pixels, label, teacher, student }) => {
    const name = nameOf(label);
    return html`<figure class="card">${picture(pixels, dataset, `Test image ${id}, labelled ${name}`, 3)}
<figcaption>Label <strong>${name}</strong><ul class="answers">${[
      answer('Teacher', teacher, label, nameOf(teacher.prediction)),
      answer('Student', student, label, nameOf(student.prediction)),
    ]}</ul></figcaption></figure>`;
  });
  const count = `${formatCount(disagreementCount)} of ${total} test images`;
  const shown = images.length < disagreementCount ? `; ${images.length} of them:` : ':';
  const seed = seeds.length > 1 ? ` (seed ${seeds[0]!.seed})` : '';
  return section(
    title,
    html`<p>They give different answers to ${count}${seed}${shown}</p><div class="pictures">${cards}</div>
<p class="muted">✓ right, ✗ wrong; the number is how sure the network was of its answer.</p>`,
  );
}

import { formatCount, type Html, html, pictureCard, type ShownAnswer, section } from '@kd/train/report';
import type { Answer, RunResults } from '../../results.ts';
import { imageOf } from '../picture.ts';

/** Test images to which teacher and student answer differently. */
export async function disagreements({
  disagreements: images,
  disagreementCount,
  dataset,
  seeds,
}: RunResults): Promise<Html> {
  const title = 'Where teacher and student disagree';
  const total = formatCount(dataset.test);
  if (disagreementCount === 0) {
    return section(title, html`<p>Nowhere: both give the same answer to all ${total} test images.</p>`);
  }
  const nameOf = (label: number): string => dataset.classNames[label] ?? `${label}`;
  const cards = images.map(async ({ teacher, student, ...image }) => {
    const name = nameOf(image.label);
    const shown = (who: string, { prediction, probability }: Answer): ShownAnswer => ({
      who,
      answer: nameOf(prediction),
      probability,
      right: prediction === image.label,
    });
    const seen = await imageOf(image, dataset, `Test image ${image.id}, labelled ${name}`, 3);
    return pictureCard(seen, name, [shown('Teacher', teacher), shown('Student', student)]);
  });
  const count = `${formatCount(disagreementCount)} of ${total} test images`;
  const shown = images.length < disagreementCount ? `; ${images.length} of them:` : ':';
  const seed = seeds.length > 1 ? ` (seed ${seeds[0]!.seed})` : '';
  return section(
    title,
    html`<p>They give different answers to ${count}${seed}${shown}</p><div class="pictures">${await Promise.all(cards)}</div>
<p class="muted">✓ right, ✗ wrong; the number is how sure the network was of its answer.</p>`,
  );
}

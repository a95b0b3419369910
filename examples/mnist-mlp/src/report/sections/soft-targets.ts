import { barCharts, formatProbability, type Html, html, pictureCard, section } from '@kd/train/report';
import type { RunResults } from '../../results.ts';
import { imageOf } from '../picture.ts';

/** One image's label beside the teacher's answers: what temperature does. */
export async function softTargets({ softTargets: { answers, ...image }, dataset, config }: RunResults): Promise<Html> {
  const { classNames } = dataset;
  const name = classNames[image.label] ?? `${image.label}`;
  const seen = await imageOf(image, dataset, `Training image ${image.id}, labelled ${name}`, 7);
  const charts = barCharts({
    caption: `Probability of each class for this image: by its label, and by the teacher at ${answers.length} temperatures`,
    rowTitle: 'Class',
    rows: classNames,
    columns: [
      { title: 'Label, one-hot', color: 'var(--muted)', shares: classNames.map((_, i) => (i === image.label ? 1 : 0)) },
      ...answers.map(({ temperature, probabilities }) => ({
        title: `T = ${temperature}`,
        color: 'var(--teacher)',
        shares: probabilities,
      })),
    ],
    format: formatProbability,
    markedRow: image.label,
  });
  return section(
    'What the teacher tells that the label does not',
    html`<p>The label says “${name}” and nothing else. The teacher also knows what the image resembles; a higher temperature T brings that out, and the student learns from it. This run distils at T = ${config.temperature}.</p>
<div class="soft-targets">${pictureCard(seen, name)}${charts}</div>`,
  );
}

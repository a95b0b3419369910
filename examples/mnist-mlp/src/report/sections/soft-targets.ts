import type { RunResults } from '../../results.ts';
import { barCharts } from '../bar-chart.ts';
import { formatProbability } from '../format.ts';
import { type Html, html } from '../html.ts';
import { picture } from '../picture.ts';
import { section } from './section.ts';

/** One image's label beside the teacher's answers: what temperature does. */
export function softTargets({ softTargets: { answers, ...image }, dataset, config }: RunResults): Html {
  const { classNames } = dataset;
  const name = classNames[image.label] ?? `${image.label}`;
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
<div class="soft-targets"><figure class="card">${picture(image.pixels, dataset, `Training image ${image.id}, labelled ${name}`, 7)}<figcaption>Label <strong>${name}</strong></figcaption></figure>${charts}</div>`,
  );
}

import { formatCount, formatMeanCount, formatMeasure, type Html, html, scrolling, section } from '@kd/train/report';
import type { OmittedDigit, RunResults } from '../../results.ts';
import { seedValue } from '../statistics.ts';

/** The student that never saw one class, as in section 3 of the paper; nothing where there is none. */
export function omittedDigit({ seeds, dataset }: RunResults): Html {
  const found = seeds.flatMap(({ omitted }) => (omitted ? [omitted] : []));
  const [first] = found;
  if (!first) return html``;
  const name = dataset.classNames[first.digit] ?? `${first.digit}`;
  const count = (value: (one: OmittedDigit) => number): Html =>
    seedValue(found.map(value), formatCount, formatMeanCount);
  const shift = seedValue(
    found.map(({ biasShift }) => biasShift),
    formatMeasure,
  );
  const title = `The student that never saw a ${name}`;
  return section(
    title,
    scrolling(
      title,
      html`<table class="numbers narrow"><thead><tr><th scope="col">Distilled student</th><th scope="col">Test errors</th><th scope="col">Of which on ${name}</th></tr></thead>
<tbody><tr><th scope="row">As trained</th><td>${count(({ errors }) => errors)}</td><td>${count(({ errorsOnDigit }) => errorsOnDigit)}</td></tr>
<tr><th scope="row">Bias of class ${name} raised by ${shift}</th><td>${count(({ errorsShifted }) => errorsShifted)}</td><td>${count(({ errorsOnDigitShifted }) => errorsOnDigitShifted)}</td></tr></tbody></table>`,
    ),
    html`<p class="muted">What it knows of a ${name}, it knows from how much other digits look like one in its teacher’s answers. The shift was chosen on validation images.</p>`,
  );
}

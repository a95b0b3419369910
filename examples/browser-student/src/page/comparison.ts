import type { Prediction } from '@kd/models';
import type { Latency } from '../networks/latency.ts';
import { type ByRole, ROLES } from '../networks/load-pair.ts';
import type { Network } from '../networks/network.ts';
import { element, make } from './elements.ts';
import { count, label, megabytes, milliseconds, percent, ratio } from './format.ts';

/** Of each network where there are more classes than this. */
const TOP = 5;
const ALL = 12;

type Cell = string | Node | undefined;

function row(title: string, cells: ByRole<Cell>, className = ''): HTMLTableRowElement {
  const heading = make('th', '', title);
  heading.scope = 'row';
  const columns = ROLES.map((role) => {
    const cell = make('td', '', cells[role] ?? '–');
    cell.dataset.role = role;
    return cell;
  });
  return make('tr', className, heading, ...columns);
}

const withNote = (value: string, note: string): Node => {
  const fragment = document.createDocumentFragment();
  fragment.append(make('span', 'value', value), make('small', '', note));
  return fragment;
};

/** A row of a figure, the student's with how it compares. */
function figure(
  title: string,
  values: ByRole<number>,
  format: (value: number) => string,
  [less, more]: readonly [string, string],
  note = '',
): HTMLTableRowElement {
  const { teacher, student } = values;
  const compared = teacher && student ? ratio(teacher, student, less, more) : '';
  return row(title, {
    teacher: teacher === undefined ? undefined : withNote(format(teacher), note),
    student: student === undefined ? undefined : withNote(format(student), compared || note),
  });
}

const map = <From, To>(values: ByRole<From>, change: (value: From) => To): ByRole<To> =>
  Object.fromEntries(ROLES.flatMap((role) => (values[role] ? [[role, change(values[role])]] : [])));

/** Sizes and times of both networks. */
export function showFacts(networks: ByRole<Network>, latencies: ByRole<Latency>, backend: string): void {
  const runs = latencies.teacher?.runs ?? latencies.student?.runs;
  element('facts').replaceChildren(
    row(
      'Network',
      map(networks, ({ description }) => description),
    ),
    figure(
      'Parameters',
      map(networks, ({ parameters }) => parameters),
      count,
      ['fewer', 'more'],
    ),
    figure(
      'Weights',
      map(networks, ({ bytes }) => bytes),
      megabytes,
      ['smaller', 'larger'],
    ),
    figure(
      'Latency',
      map(latencies, ({ median }) => median),
      milliseconds,
      ['faster', 'slower'],
      runs === undefined ? '' : `median of ${runs}, ${backend}`,
    ),
  );
}

function bar(prediction: Prediction | undefined, best: boolean): Cell {
  if (!prediction) return undefined;
  const length = make('span', 'length');
  length.style.inlineSize = `${100 * prediction.score}%`;
  const track = make('span', 'track', length);
  track.ariaHidden = 'true';
  const fragment = document.createDocumentFragment();
  fragment.append(make('span', best ? 'value best' : 'value', percent(prediction.score)), track);
  return fragment;
}

/** Classes to show: all in their order where they are few, else the most probable ones of each, best first. */
function shownClasses(predictions: ByRole<readonly Prediction[]>): string[] {
  const lists = ROLES.flatMap((role) => (predictions[role] ? [predictions[role]] : []));
  const few = lists.every(({ length }) => length <= ALL);
  const chosen = lists
    .flatMap((list) => (few ? [...list].sort((a, b) => a.index - b.index) : list.slice(0, TOP)))
    .sort((a, b) => (few ? 0 : b.score - a.score));
  return [...new Set(chosen.map((each) => each.label))];
}

/** Probabilities of the classes by both networks, best first; none yet if there are none. */
export function showPredictions(predictions: ByRole<readonly Prediction[]>): void {
  const rows = shownClasses(predictions).map((name) => {
    const cells = map(predictions, (list) => ({ found: list.find((each) => each.label === name), best: list[0] }));
    const isBest = Object.values(cells).some(({ found, best }) => found === best);
    return row(
      label(name),
      map(cells, ({ found, best }) => bar(found, found === best)),
      isBest ? 'best' : '',
    );
  });
  element('classes').replaceChildren(...rows);
}

/** What both say, for eyes and screen readers. */
export function summary(predictions: ByRole<readonly Prediction[]>): string {
  const [teacher, student] = ROLES.map((role) => predictions[role]?.[0]);
  const says = ({ label: name, score }: Prediction): string => `${label(name)} (${percent(score)})`;
  if (!teacher || !student) {
    const only = teacher ?? student;
    return only ? `The ${teacher ? 'teacher' : 'student'} says ${says(only)}.` : '';
  }
  if (teacher.label === student.label) {
    return `Both say ${label(teacher.label)}: teacher ${percent(teacher.score)}, student ${percent(student.score)}.`;
  }
  return `The teacher says ${says(teacher)}, the student ${says(student)}.`;
}

import { KdError } from '@kd/core';
import { likelyMap, mapText } from './likely-map.ts';

/** The data's name for each of the teacher's classes: `{ LABEL_0: 'healthy' }`. Those that are called the same can be left out. */
export type LabelMap = Readonly<Record<string, string>>;

export interface MatchLabelsOptions {
  /** What errors begin with. @default 'matchLabels' */
  caller?: string;
  /** Where the two are called differently. @default {} */
  teacherLabelMap?: LabelMap;
}

const list = (names: readonly string[]): string => names.map((name, i) => `${i} ${name}`).join(', ');

/**
 * Finds each of the data's classes among those of the teacher: names that are equal to the letter, or that the map makes
 * equal. A teacher that is asked about one class and answers about another would ruin the student without a word.
 *
 * @returns for each of the data's classes the teacher's label, or undefined if all are in their place already
 * @throws {KdError} MISMATCH if the two do not have the same classes; the error shows both lists and the map that is likely
 *   meant
 *
 * @example
 * import { matchLabels } from '@kd/train';
 * console.log(matchLabels(['cat', 'dog', 'owl'], ['dog', 'owl', 'cat'])); // [ 1, 2, 0 ]
 * console.log(matchLabels(['Cat', 'dog'], ['cat', 'dog'], { teacherLabelMap: { Cat: 'cat' } })); // undefined
 */
export function matchLabels(
  teacherNames: readonly string[],
  dataNames: readonly string[],
  { caller = 'matchLabels', teacherLabelMap = {} }: MatchLabelsOptions = {},
): number[] | undefined {
  const details = { teacher: teacherNames, data: dataNames, teacherLabelMap };
  for (const [from, to] of Object.entries(teacherLabelMap)) {
    const [what, missing, there] = teacherNames.includes(from)
      ? ['data', to, dataNames]
      : ['teacher', from, teacherNames];
    if (there.includes(missing)) continue;
    throw new KdError(
      'MISMATCH',
      `${caller}: teacherLabelMap has '${from}': '${to}', but the ${what} has no class '${missing}'; it has ${list(there)}`,
      details,
    );
  }
  const called = teacherNames.map((name) => (Object.hasOwn(teacherLabelMap, name) ? teacherLabelMap[name]! : name));
  const isSame = new Set(called).size === called.length && called.length === dataNames.length;
  if (!isSame || !dataNames.every((name) => called.includes(name))) {
    throw new KdError(
      'MISMATCH',
      `${caller}: the teacher's classes (${list(teacherNames)}) are not those of the data (${list(dataNames)}); ${wayOut(called, dataNames, teacherNames)}`,
      details,
    );
  }
  return called.every((name, i) => name === dataNames[i]) ? undefined : dataNames.map((name) => called.indexOf(name));
}

function wayOut(called: readonly string[], dataNames: readonly string[], teacherNames: readonly string[]): string {
  if (called.length !== dataNames.length) {
    return 'give the teacher a head for these classes (replaceHead() of @kd/models) and train it with fineTune()';
  }
  const likely = likelyMap(called, dataNames);
  const [map, sure] = likely
    ? [likely, 'if these are the same, pass']
    : [teacherNames.map((name, i) => [name, dataNames[i]!] as const), 'say which is which, such as'];
  return `${sure} teacherLabelMap: ${mapText(map)}`;
}

/** Words for the three usual splits in names of files and folders, as `datasets` knows them. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'dev', 'val'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};
const SHARDED = /^(?:.*\/)?(?!data-)([^/]+?)-\d{5}-of-\d{5}[^/]*\.parquet$/;
const WORD = '[-._ 0-9]'; // what may stand beside a keyword

/** The split that a name alone stands for: 'val' is 'validation'. */
export function splitOfName(name: string): string | undefined {
  return Object.keys(KEYWORDS).find((split) => KEYWORDS[split]!.includes(name.toLowerCase()));
}

function splitByKeyword(text: string): string | undefined {
  return Object.keys(KEYWORDS).find((split) =>
    KEYWORDS[split]!.some((keyword) => new RegExp(`(^|${WORD})${keyword}(${WORD}|$)`).test(text)),
  );
}

/** `train`, `validation`, `test`, then what else there is, by name. */
export function inSplitOrder(names: Iterable<string>): string[] {
  const usual = Object.keys(KEYWORDS);
  const rank = (name: string): number => (usual.includes(name) ? usual.indexOf(name) : usual.length);
  return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * Which files belong to which split, by the rules of `datasets`: `<split>-00000-of-00001.*` if all are called so, else
 * a keyword in the name of a folder, else a keyword in the file's name, else all are `train`. The first rule that says
 * something about any of them decides.
 *
 * @param paths with `/`, relative to the data set's folder
 */
export function splitsOfFiles(paths: readonly string[]): Map<string, string[]> {
  const folders = (path: string): string[] => path.split('/').slice(0, -1);
  const rules: ((path: string) => string | undefined)[] = [
    (path) => folders(path).map(splitByKeyword).find(Boolean),
    (path) => splitByKeyword(path.split('/').at(-1)!),
    () => 'train',
  ];
  const sharded = (path: string): string | undefined => SHARDED.exec(path)?.[1];
  const rule = paths.every(sharded) ? sharded : rules.find((each) => paths.some(each))!;
  const splits = new Map<string, string[]>();
  for (const path of [...paths].sort()) {
    const split = rule(path);
    if (split !== undefined) splits.set(split, [...(splits.get(split) ?? []), path]);
  }
  return new Map(inSplitOrder(splits.keys()).map((split) => [split, splits.get(split)!]));
}

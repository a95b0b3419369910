/** How many letters have to be added, left out or changed (Levenshtein 1966). */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(changed, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[b.length]!;
}

const plain = (name: string): string => name.replaceAll(/[^a-z0-9]/gi, '').toLowerCase();

/** The names that somebody may have meant, nearest first: `learning_rate` means `learningRate`. */
export function nearestNames(name: string, names: readonly string[], count = 3): string[] {
  const wanted = plain(name);
  const close = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((each) => ({
      each,
      far: plain(each).includes(wanted) && wanted.length > 3 ? 1 : distance(wanted, plain(each)),
    }))
    .filter(({ far }) => far <= close)
    .sort((a, b) => a.far - b.far)
    .slice(0, count)
    .map(({ each }) => each);
}

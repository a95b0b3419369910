/** How many of a row's scores come before the label's: those that are higher, and equal ones of lower classes. */
export function rankOf(scores: ArrayLike<number>, start: number, classes: number, label: number): number {
  const score = scores[start + label]!;
  let rank = 0;
  for (let other = 0; other < classes; other++) {
    const value = scores[start + other]!;
    if (value > score || (value === score && other < label)) rank++;
  }
  return rank;
}

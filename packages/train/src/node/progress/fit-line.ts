/** A piece of the status line. */
export interface LinePart {
  text: string;
  /** The smallest goes first where there is no room for all; Infinity never. */
  priority: number;
  /** Makes it stand out, without changing its width. */
  paint?: (text: string) => string;
}

/** Joins what fits into a line of some columns, most important parts first, in their order. */
export function fitLine(parts: readonly LinePart[], columns: number): string {
  let kept = parts.filter(({ text }) => text !== '');
  const width = (): number => kept.reduce((sum, { text }) => sum + text.length + 2, -2);
  while (width() > columns && kept.length > 1) {
    const least = Math.min(...kept.map(({ priority }) => priority));
    const last = kept.map(({ priority }) => priority).lastIndexOf(least);
    kept = kept.filter((_, i) => i !== last);
  }
  if (kept.length === 1) return kept[0]!.text.slice(0, Math.max(0, columns));
  return kept.map(({ text, paint }) => (paint ? paint(text) : text)).join('  ');
}

/** [=====     ] */
export function barText(share: number, width = 20): string {
  const done = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `[${'='.repeat(done)}${' '.repeat(width - done)}]`;
}

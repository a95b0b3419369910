/** Text on one line that Markdown, and a cell of its tables, shows as it is. */
export function text(value: string): string {
  return value.replace(/[\\`*_[\]<>|#]/g, (letter) => `\\${letter}`).replace(/\s+/g, ' ');
}

/** Text on one line as code, also in a cell of a table. */
export function code(value: string): string {
  const line = value.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const space = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

/** Lines of a table; cells are Markdown. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)];
}

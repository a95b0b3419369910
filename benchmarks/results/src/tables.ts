import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { mnistTable, omittedTable } from './mnist-table.ts';
import { RESULTS, readKept, root } from './runs.ts';
import { studyTable } from './study-table.ts';

/** `name` is a run; `name, omitted digit` what an MNIST run says of the digit that its student never saw. */
function linesOf(what: string): string[][] {
  const [name = '', part] = what.split(',').map((text) => text.trim());
  if (readKept(name, 'comparison.json') !== undefined) return studyTable(name);
  return part === undefined ? mnistTable(name) : omittedTable(name);
}

/** A table of one run; of several, with titles in front: `title = name; other title = other name`. */
function table(what: string): string {
  const runs = what.split(';').map((part) => part.split('=').map((text) => text.trim()));
  const tables = runs.map(([title, name = title]) => {
    const lines = linesOf(name!);
    return runs.length > 1 ? lines.map((line, i) => [i === 0 ? 'run' : title!, ...line]) : lines;
  });
  const lines = [tables[0]![0]!, ...tables.flatMap(([, ...rows]) => rows)];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [format(lines[0]!), rule, ...lines.slice(1).map(format)].join('\n');
}

/** A page with each of its tables, between `<!-- results: … -->` and `<!-- /results -->`, written anew. */
export const withTables = (page: string): string =>
  page.replaceAll(
    /(<!-- results: (.+?) -->\n)[\s\S]*?(<!-- \/results -->)/g,
    (_, open, what, close) => `${open}\n${table(what)}\n\n${close}`,
  );

/** The pages that may have tables. */
export function pagesWithTables(): string[] {
  const pages = existsSync(RESULTS) ? readdirSync(RESULTS).filter((name) => name.endsWith('.md')) : [];
  return [join(root, 'README.md'), ...pages.map((name) => join(RESULTS, name))];
}

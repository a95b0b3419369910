import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A link of a Markdown file, as it is written. */
export interface Link {
  /** From 1. */
  line: number;
  target: string;
}

/** The text without what is code: links in there are none, and neither are headings. Lines stay where they are. */
function withoutCode(text: string): string {
  const blank = (code: string): string => code.replace(/[^\n]/g, ' ');
  return text.replace(/^( *)(```+|~~~+)[\s\S]*?^ *\2 *$/gm, blank).replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, blank);
}

/** The links and pictures of a Markdown file. */
export function links(text: string): Link[] {
  const found = [...withoutCode(text).matchAll(/\]\(<?([^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+"[^"]*")?\)/g)];
  return found.map(({ index, 1: target = '' }) => ({ line: text.slice(0, index).split('\n').length, target }));
}

/** The names by which headings of a Markdown file can be linked to, as GitHub makes them. */
export function anchors(text: string): Set<string> {
  const blocks = text.replace(/^( *)(```+|~~~+)[\s\S]*?^ *\2 *$/gm, ''); // inline code in a heading is part of its name
  const names = new Set<string>();
  for (const [, heading = ''] of blocks.matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const shown = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*`]/g, '');
    const name = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let unique = name;
    for (let n = 1; names.has(unique); n++) unique = `${name}-${n}`;
    names.add(unique);
  }
  return names;
}

/**
 * Relative links of a Markdown file that lead to nothing: to a file or folder that is not there, or to a heading that its page,
 * the README of a folder, does not have.
 *
 * @param root the repository
 * @param file relative to it
 */
export function brokenLinks(root: string, file: string): string[] {
  return links(readFileSync(join(root, file), 'utf8')).flatMap(({ line, target }) => {
    if (/^[a-z][a-z+.-]*:|^\/\//i.test(target)) return []; // https:, mailto:
    const [path = '', anchor] = target.split('#') as [string, string?];
    const place = path === '' ? join(root, file) : join(root, dirname(file), decodeURIComponent(path));
    if (!existsSync(place)) return [`${file}:${line}: ${target}: there is no such file`];
    if (anchor === undefined) return [];
    const page = statSync(place).isDirectory() ? join(place, 'README.md') : place;
    if (existsSync(page) && anchors(readFileSync(page, 'utf8')).has(anchor)) return [];
    return [`${file}:${line}: ${target}: there is no such heading`];
  });
}

import ts from 'typescript';

/** A piece of code in the documentation. */
export interface Example {
  /** Relative to the repository. */
  file: string;
  /** Of the code's first line in the file, from 1. */
  line: number;
  code: string;
  /** Of the file that it is to be written to, for others to import: `ts own-loss.ts` on the fence. */
  name?: string;
}

/** The code blocks of a Markdown file with `ts` on their fence, without those with `ts no-run`. */
export function markdownExamples(file: string, text: string): Example[] {
  return codeBlocks(file, text, (flags) => flags !== 'no-run');
}

/** Those with `ts no-run` that leave nothing out with `…`. */
export function uncutExamples(file: string, text: string): Example[] {
  return codeBlocks(file, text, (flags) => flags === 'no-run').filter(({ code }) => !code.includes('…'));
}

function codeBlocks(file: string, text: string, isWanted: (flags: string) => boolean): Example[] {
  const blocks = text.matchAll(/^```ts[ \t]*(?<flags>[^\n]*)\n(?<code>[\s\S]*?)^```/gm);
  return [...blocks].flatMap((block) => {
    const { flags = '', code = '' } = block.groups!;
    if (!isWanted(flags.trim())) return [];
    const name = /^\S+\.ts$/.exec(flags.trim())?.[0];
    return [{ file, line: lineAt(text, block.index) + 1, code, ...(name && { name }) }];
  });
}

/** What follows each `@example` of the doc comments of a source file, up to the next tag. */
export function sourceExamples(file: string, text: string): Example[] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    const first = lineAt(text, comment.index);
    const lines = comment[0]
      .split('\n')
      .map((line) => line.replace(/^\s*(\/\*\*|\*\/|\*) ?/, '').replace(/\s*\*\/$/, ''));
    const starts = lines.flatMap((line, i) => (line.startsWith('@example') ? [i + 1] : []));
    return starts.map((start) => {
      const length = lines.slice(start).findIndex((line) => /^@\w/.test(line));
      const code = lines.slice(start, length === -1 ? undefined : start + length).join('\n');
      return { file, line: first + start, code: `${code.trimEnd()}\n` };
    });
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** What an example says it prints: the comment after a `console.log(…);`, at the line where the call starts. */
export interface Print {
  line: number;
  text: string;
}

/** Printed and expected text may be laid out differently. */
export function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * Finds what an example expects to print, and makes its calls of `console.log` say where they are:
 * they become `__log(line)`, which runExamples defines.
 */
export function instrument({ code, line: offset }: Example): { code: string; expected: Print[] } {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true);
  const expected: Print[] = [];
  const callees: { start: number; end: number; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText(file) === 'console.log') {
      const start = node.expression.getStart(file);
      const line = offset + file.getLineAndCharacterOfPosition(start).line;
      callees.push({ start, end: node.expression.getEnd(), line });
      const comment = ts.getTrailingCommentRanges(code, node.parent.getEnd())?.[0];
      if (comment && ts.isExpressionStatement(node.parent)) {
        expected.push({ line, text: collapse(code.slice(comment.pos + 2, comment.end)) });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  let result = code;
  for (const { start, end, line } of callees.sort((a, b) => b.start - a.start)) {
    result = `${result.slice(0, start)}__log(${line})${result.slice(end)}`;
  }
  return { code: result, expected };
}

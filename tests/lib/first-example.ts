import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { instrument, markdownExamples } from '../doc-examples.ts';

/** The first example of a README, as plain JavaScript, and what its comments say that it prints. */
export function firstExample(readme: string): { code: string; expected: string } {
  const [example] = markdownExamples('README.md', readFileSync(readme, 'utf8'));
  const { expected } = instrument(example!);
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const { outputText: code } = ts.transpileModule(example!.code, { compilerOptions: options });
  return { code, expected: expected.map(({ text }) => text).join(' ') };
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { decodedMappings, originalPositionFor, TraceMap, traceSegment } from '@jridgewell/trace-mapping';
import ts from 'typescript';
import { filesEnding } from './files.mjs';

/** Every identifier of a file, and where it stands: lines from 1, columns from 0, as source maps count. */
function identifiers(/** @type {string} */ path, /** @type {string} */ text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  /** @type {{ name: string, line: number, column: number }[]} */
  const found = [];
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isIdentifier(node)) {
      const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push({ name: node.text, line: line + 1, column: character });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** What is wrong with the map of one file. */
function mapProblem(/** @type {string} */ folder, /** @type {string} */ path) {
  const mapPath = join(folder, `${path}.map`);
  if (!existsSync(mapPath)) return 'has no source map';
  const map = new TraceMap(readFileSync(mapPath, 'utf8'));
  /** @type {Map<string | null, string[]>} */
  const lines = new Map();
  for (const source of map.sources) {
    const sourcePath = join(dirname(mapPath), source ?? '');
    const inside = relative(folder, sourcePath).split(sep).join('/');
    if (!inside.startsWith('src/') || !existsSync(sourcePath)) return `comes from ${inside}, which is not published`;
    lines.set(source, readFileSync(sourcePath, 'utf8').split('\n'));
  }
  // Helpers of the compiler are of no source: they stand above all else, and are called by names such as __helper.
  const firstLine = decodedMappings(map).findIndex((segments) => segments.length > 0) + 1;
  for (const { name, line, column } of identifiers(path, readFileSync(join(folder, path), 'utf8'))) {
    if (line < firstLine || name.startsWith('__')) continue;
    // In declarations some names come from no place of their own: inferred ones, and those of a parameter that is taken apart.
    if (path.endsWith('.d.ts') && traceSegment(map, line - 1, column)?.[0] !== column) continue;
    const origin = originalPositionFor(map, { line, column });
    const there = lines.get(origin.source)?.[(origin.line ?? 0) - 1]?.slice(origin.column ?? 0) ?? '';
    if (!there.startsWith(name)) {
      const where = origin.source === null ? 'nowhere' : `'${there.slice(0, 20)}' (${origin.source}:${origin.line})`;
      return `leads from ${name} in line ${line} to ${where}`;
    }
  }
  return undefined;
}

/**
 * Source maps that do not lead to what is published: a debugger and a stack trace would show nothing, or another line.
 * Every identifier of the JavaScript is followed to its source, and every one of the declarations that has a place there.
 *
 * @param {string} folder what is in the tarball
 * @returns {string[]}
 */
export function sourceMapProblems(folder) {
  const files = ['.js', '.d.ts'].flatMap((ending) => filesEnding(join(folder, 'dist'), ending));
  return files.flatMap((file) => {
    const problem = mapProblem(folder, `dist/${file}`);
    return problem ? [`dist/${file} ${problem}`] : [];
  });
}

import ts from 'typescript';

const WATCHED = new Set(['process', 'Buffer', 'console', '__dirname', '__filename', 'require']);

/**
 * @typedef {{ line: number, what: string }} Fact
 * @typedef {{ imports: (Fact & { lazy: boolean })[], globals: Fact[], starExports: Fact[], defaultExports: Fact[], effects: Fact[] }} SourceFacts
 */

/** Whether the name stands for a value of its own: not the `process` of `a.process` or `{ process: 1 }`. */
function isReference(/** @type {ts.Identifier} */ node) {
  const parent = /** @type {{ name?: ts.Node, propertyName?: ts.Node }} */ (node.parent);
  const isName = parent.name === node && !ts.isShorthandPropertyAssignment(node.parent);
  return !isName && parent.propertyName !== node;
}

/** Names that the file itself declares: its own `process` is no global. */
function declaredNames(/** @type {ts.SourceFile} */ file) {
  /** @type {Set<string>} */
  const names = new Set();
  const visit = (/** @type {ts.Node} */ node) => {
    const isDeclaration =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isImportClause(node);
    if (isDeclaration && node.name && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** Whether a statement at the top of a file does something when the file is imported, and not only says what there is. */
function isEffect(/** @type {ts.Statement} */ statement) {
  if (ts.isImportDeclaration(statement)) return !statement.importClause;
  const declares =
    ts.isImportEqualsDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isExportAssignment(statement) ||
    ts.isVariableStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isModuleDeclaration(statement) ||
    ts.isEmptyStatement(statement);
  return !declares;
}

/** The module that a node names, for every way there is to name one. */
function importedModule(/** @type {ts.Node} */ node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  if (!ts.isCallExpression(node)) return undefined;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
  return isRequire || node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments[0] : undefined;
}

/**
 * What the structure check wants to know about a source file. It reads the syntax, so that comments and
 * strings cannot mislead it.
 *
 * @param {string} path
 * @param {string} text
 * @returns {SourceFacts}
 */
export function sourceFacts(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const declared = declaredNames(file);
  /** @type {SourceFacts} */
  const facts = { imports: [], globals: [], starExports: [], defaultExports: [], effects: [] };
  const fact = (/** @type {ts.Node} */ node, what = '') => {
    return { line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1, what };
  };

  const visit = (/** @type {ts.Node} */ node) => {
    const module = importedModule(node);
    if (module && ts.isStringLiteralLike(module)) {
      facts.imports.push({ ...fact(node, module.text), lazy: ts.isCallExpression(node) });
    }
    if (ts.isExportDeclaration(node) && !node.exportClause) facts.starExports.push(fact(node));
    const exportsDefault =
      ts.isExportAssignment(node) ||
      (node.kind === ts.SyntaxKind.DefaultKeyword && ts.canHaveModifiers(node.parent)) ||
      (ts.isExportSpecifier(node) && node.name.text === 'default');
    if (exportsDefault) facts.defaultExports.push(fact(node));
    if (ts.isIdentifier(node) && WATCHED.has(node.text) && !declared.has(node.text) && isReference(node)) {
      facts.globals.push(fact(node, node.text));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  facts.effects.push(...file.statements.filter(isEffect).map((statement) => fact(statement)));
  return facts;
}

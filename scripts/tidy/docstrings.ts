// Every export of a package says what it promises. Presence is checked here; truth is the reviewer's.
import { posix } from 'node:path'
import ts from 'typescript'
import type { Finding, SourceFile } from './project.ts'

export function docstrings(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file.text]))
  return files
    .map(({ path }) => path)
    .filter((path) => /^packages\/([^/]+)\/src\/\1\.ts$/.test(path))
    .flatMap((entry) => exportsOf(entry, byPath, null))
}

/** Walks `export ... from` to the declarations. `names` null: all of them. */
function exportsOf(
  path: string,
  files: ReadonlyMap<string, string>,
  names: ReadonlySet<string> | null,
): Finding[] {
  const text = files.get(path)
  if (text === undefined) return []
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return reExported(path, statement, files, names)
    return declared(path, source, statement, names)
  })
}

function reExported(
  path: string,
  statement: ts.ExportDeclaration,
  files: ReadonlyMap<string, string>,
  names: ReadonlySet<string> | null,
): Finding[] {
  const from = statement.moduleSpecifier
  if (!from || !ts.isStringLiteral(from) || !from.text.startsWith('.')) return []
  const target = posix.join(posix.dirname(path), from.text)
  const clause = statement.exportClause
  if (!clause || !ts.isNamedExports(clause)) return exportsOf(target, files, names)
  const picked = clause.elements.map((each) => (each.propertyName ?? each.name).text)
  return exportsOf(target, files, new Set(picked))
}

function declared(
  path: string,
  source: ts.SourceFile,
  statement: ts.Statement,
  names: ReadonlySet<string> | null,
): Finding[] {
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some((each) => each.kind === ts.SyntaxKind.ExportKeyword) === true
  if (!isExported) return []
  const undocumented = ts.getJSDocCommentsAndTags(statement).length === 0
  const wanted = declaredNames(statement).filter((name) => names === null || names.has(name))
  if (!undocumented || isOverload(source, statement)) return []
  const line = source.getLineAndCharacterOfPosition(statement.getStart(source)).line + 1
  return wanted.map((name) => ({
    rule: 'docstring',
    path,
    line,
    message: `export ${name} has no docstring`,
  }))
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((each) => each.name.getText())
  }
  const named = statement as ts.Statement & { name?: ts.Identifier }
  return named.name ? [named.name.text] : []
}

/** The second and later signatures of a function share the first one's docstring. */
function isOverload(source: ts.SourceFile, statement: ts.Statement): boolean {
  if (!ts.isFunctionDeclaration(statement)) return false
  const before = source.statements[source.statements.indexOf(statement) - 1]
  return (
    before !== undefined &&
    ts.isFunctionDeclaration(before) &&
    before.name?.text === statement.name?.text
  )
}
